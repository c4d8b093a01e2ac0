import type { Platform } from '../../model/platform/platform.ts';
import type { Override, Rules } from '../../model/rules.ts';
import { linux72 } from '../../overrides/deviations/linux-7.2.ts';
import { smmuQemu11Deviations } from '../../overrides/deviations/smmu-qemu-11.ts';
import { vmmQemu11 } from '../../overrides/deviations/vmm-qemu-11/index.ts';
import { type BeyondDesign, beyondDesign, rulesWith } from '../beyond-design.ts';
import { InputError } from '../input-error.ts';
import type { Keep } from '../kept.ts';
import type { Line as KernelLine, LineOf as KernelLineOf } from '../linux/lines.ts';
import { bootSystem, type System } from '../linux/system.ts';
import { readLines } from '../read-lines.ts';
import { isQemu, toldByQemu } from '../recorder/qemu.ts';
import type { Numbered } from '../recorder/qemu-traces.ts';
import type { FileReport } from '../report.ts';
import { type Machine, machineOf } from './command-line.ts';
import { Follower } from './follower.ts';
import { hostOf } from './host.ts';
import { type Line, type LineOf, parseLine } from './lines.ts';

/** A recording is held in memory: this many lines are more than any session has. */
const MOST_LINES = 1_000_000;

/** What the recorded system is known to be. */
const KNOWN: readonly Override[] = [...linux72, ...smmuQemu11Deviations, ...vmmQemu11];

/**
 * Replays a recording of a VMM with a vSMMU. What guest and operator do are inputs; compared are, in order, every call
 * that the VMM makes with its arguments and answers, where each DMA landed, what the guest reads, its events, and what is
 * refused. After a line that the design disagrees about all goes on from where the recorded system is.
 */
export async function replayVmm(
  path: string,
  design: readonly Override[],
  keep: Keep | null = null,
): Promise<FileReport> {
  const lines: Line[] = [];
  /** Which line of the file each is from. */
  const numbers: number[] = [];
  let isRecorders = false;
  const read: Numbered<Line>[] = [];
  for await (const { line: number, text } of readLines(path)) {
    if (read.length >= MOST_LINES) throw new InputError(path, number, `expected at most ${MOST_LINES} lines`);
    const line = parseLine(path, number, text);
    isRecorders ||= line.ev === 'meta' && line.recorder !== undefined;
    read.push({ line, number });
  }
  for (const { line, number } of isRecorders ? toldByQemu(read as Numbered<KernelLine>[]) : read) {
    lines.push(line);
    numbers.push(number);
  }
  const { follower, platform, machine, real } = followVmm(
    { path, lines, numbers, keeps: keep !== null },
    design,
  );
  keep?.({ platform, rules: real, commands: follower.commands() });
  return {
    file: path,
    events: lines.length,
    checked: follower.checked,
    agreed: follower.agreed,
    skipped: Object.fromEntries([...follower.skipped].sort()),
    deviations: Object.fromEntries([...follower.deviations].sort()),
    first: follower.first,
    disagreements: follower.kinds.report(),
    machine: `${platform.name}, ${machine.vsmmus.length} vSMMU${machine.vsmmus.length === 1 ? '' : 's'}`,
  };
}

/** The lines of a recording of a VMM. */
export interface Recorded {
  /** What it is called where something is wrong with it. */
  readonly path: string;
  readonly lines: readonly Line[];
  /** Which line of the file each is from. */
  readonly numbers: readonly number[];
  /** Whether what the recorded system did is to be known afterwards. */
  readonly keeps: boolean;
}

/** What came of following one. */
export interface Followed {
  readonly follower: Follower;
  readonly platform: Platform;
  readonly machine: Machine;
  /** The rules of the recorded system, as far as they are known. */
  readonly real: Rules;
}

/** Follows a recording from its first line to its last. @throws InputError where it is none. */
export function followVmm(
  { path, lines, numbers, keeps }: Recorded,
  design: readonly Override[],
  look: ((system: System, line: number) => void) | null = null,
): Followed {
  const setups = lines.filter((line): line is KernelLineOf<'setup'> => line.ev === 'setup');
  const start = lines.find((line): line is LineOf<'start'> => line.ev === 'start');
  if (start === undefined) throw new InputError(path, null, 'expected a "start" line with the command line');
  const machine = machineOf(start.args);
  const platform = hostOf(lines, machine, setups, path);
  const { own, real, suspects } = rulesOf(design);
  const follower = new Follower({
    path,
    lines,
    numbers,
    machine,
    cdevs: new Map(setups.flatMap(({ cdev, bdf }) => (cdev === undefined ? [] : [[cdev, bdf] as const]))),
    system: bootSystem(platform, true, keeps),
    own,
    real,
    suspects: suspects.map((each) => ({ name: each.name, rules: rulesWith(design, [each]) })),
  });
  follower.run(look);
  return { follower, platform, machine, real };
}

export function rulesOf(design: readonly Override[]): BeyondDesign {
  return beyondDesign(design, KNOWN);
}

/**
 * Whether a file is a recording of a VMM rather than of the kernel alone: its command line stands before all calls. In one that
 * `nestcheck record` made the VMM must also have said what its guest does.
 */
export async function isVmmRecording(path: string): Promise<boolean> {
  let isRecorders = false;
  for await (const { line, text } of readLines(path)) {
    if (isRecorders) {
      if (GUESTS.test(text)) return true;
      continue;
    }
    if (/"ev":\s*"start"/.test(text)) return true;
    if (!/"ev":\s*"(meta|setup)"/.test(text)) return false;
    if (!RECORDER.test(text)) continue;
    const meta = parseLine(path, line, text);
    if (meta.ev !== 'meta' || !isQemu(meta.command ?? [])) return false;
    isRecorders = true;
  }
  return false;
}

const RECORDER = /"recorder":/;

/** A line of qtest's log, or of the traces of a vSMMU's registers: with those it is known what the guest did. */
const GUESTS = /"ev":"said".*"text":"(\[R |smmuv3_write_mmio )/;
