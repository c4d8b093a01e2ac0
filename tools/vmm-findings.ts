import type { Call } from '../model/call.ts';
import type { Override } from '../model/rules.ts';

/** How bad it is: for isolation or the host, for what a guest sees, or in a corner. */
export type Severity = 'S1' | 'S2' | 'S3';

/** A way in which a VMM's vSMMU does not do what its guest is promised, and what shows it. */
export interface Finding {
  readonly deviation: Override;
  readonly severity: Severity;
  /** `recorded`: the real VMM did it in a recording here. `read`: its source says so, and no branch saves it. `not verified`: one reading, or a premise that was not checked. */
  readonly confidence: 'recorded' | 'read' | 'not verified';
  /** The property that it breaks. */
  readonly property: string;
  readonly scope: string;
  /** A deviation of the kernel that it takes; left out: none. */
  readonly kernel?: string;
  /** The shortest way there that is known. */
  readonly calls: readonly Call[];
  /** The same in the VMM as a whole, where that takes more. */
  readonly inDesign?: readonly Call[];
  /** For its developers: what happens, why it matters, what the architecture or the interface says. */
  readonly report: string;
}

export const operator = (command: Call['command'], args: Call['args']): Call => ({
  actor: 'operator',
  command,
  args: { vm: 'vm0', ...args },
});

export const guest = (command: Call['command'], args: Call['args'] = {}): Call => ({
  actor: 'guest:vm0',
  command,
  args,
});

export const BOOT = operator('boot', {});

export const plug = (device: string, more: Call['args'] = {}): Call => operator('plug', { device, ...more });

/** SMMUEN, EVENTQEN and CMDQEN, each in its bit. */
export const cr0 = (value: number): Call => guest('writeCr0', { value });

export const ENABLED = 1;
export const COMMANDS = 8;
export const EVENTS = 4;

export const GBPA_ABORTS = guest('writeGbpa', { value: 2 ** 31 + (1 << 20) });

export const storeSte = (words: readonly bigint[]): Call => guest('writeSte', { words });

/** The same on another vSMMU of the machine. */
export const issueOn = (vsmmu: number, ...commands: readonly (readonly bigint[])[]): Call =>
  guest('issueCommands', { vsmmu, words: commands.flat() });

export const issue = (...commands: readonly (readonly bigint[])[]): Call =>
  guest('issueCommands', { words: commands.flat() });
