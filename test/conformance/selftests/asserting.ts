import { bootWorld } from '../../../model/boot.ts';
import { type ArgValue, NO_BINDINGS, resolveCall } from '../../../model/call.ts';
import type { Platform } from '../../../model/platform/platform.ts';
import { composeRules } from '../../../model/rules.ts';
import { step } from '../../../model/step.ts';
import type { CommandName } from '../../../model/world/command.ts';
import { vmmOf } from '../../../model/world/process.ts';
import type { Result } from '../../../model/world/result.ts';
import type { World } from '../../../model/world/world.ts';
import { linux72 } from '../../../overrides/deviations/linux-7.2.ts';
import { ITS, kernel } from '../../../workload/scopes/hardware.ts';
import { MOCK_IOMMU, mockDevices } from '../../../workload/scopes/mock-hardware.ts';

/** Where memory of the process ends: mappings that reach beyond are of pages that are not there. */
export const LAST_VA = 0x7fff_ffff_efffn;

/** The machine of the selftests, with a second process to fork. */
const PLATFORM: Platform = {
  name: 'mock-iommu',
  kernel: kernel({ capSysResource: true, hugePages: true }),
  iommus: [MOCK_IOMMU],
  devices: mockDevices(4),
  its: [ITS],
  vms: ['parent', 'child'],
  userMemory: [{ start: 0x1000n, last: LAST_VA, writable: true }],
};

const RULES = composeRules(linux72);

type Args = Readonly<Record<string, ArgValue>>;

type Out = Readonly<Record<string, unknown>>;

/** An answer that is not the one which the kernel's selftest asserts. */
export class AssertionOfSelftest extends Error {}

/** A kernel in which nothing has happened, and what a selftest makes of it. Every answer is asserted. */
export class Selftest {
  private world: World = bootWorld(PLATFORM);
  /** What the selftest asserts and the model has no answer to, by reason. */
  readonly skipped = new Map<string, number>();
  asserted = 0;
  /** The iommufd of its fixture. */
  readonly fd: number;

  constructor() {
    this.fd = this.number('openIommufd', {}, 'fd');
  }

  /** A call that succeeds; gives what it tells. */
  ok(command: CommandName, args: Args = {}, process: 'parent' | 'child' = 'parent'): Out {
    const result = this.call(command, args, process);
    if (!result.ok) throw new AssertionOfSelftest(`${command}: ${result.errno}, asserted: success`);
    return result.out;
  }

  /** A call that succeeds and tells a number. */
  number(command: CommandName, args: Args, field: string): number {
    return Number(this.ok(command, args)[field]);
  }

  refuses(errno: string, command: CommandName, args: Args = {}): void {
    const result = this.call(command, args, 'parent');
    const got = result.ok ? 'success' : result.errno;
    if (got !== errno) throw new AssertionOfSelftest(`${command}: ${got}, asserted: ${errno}`);
  }

  equal(what: string, value: unknown, expected: unknown): void {
    this.asserted++;
    if (value !== expected) throw new AssertionOfSelftest(`${what}: ${value}, asserted: ${expected}`);
  }

  skip(reason: string, times = 1): void {
    this.skipped.set(reason, (this.skipped.get(reason) ?? 0) + times);
  }

  private call(command: CommandName, args: Args, process: string): Result {
    this.asserted++;
    const call = { actor: vmmOf(process), command, args: takesFd(command) ? { fd: this.fd, ...args } : args };
    const { world, result } = step(this.world, resolveCall(call, NO_BINDINGS), RULES);
    this.world = world;
    return result;
  }
}

/** Calls that are on no descriptor. */
const ON_NOTHING: ReadonlySet<CommandName> = new Set(['openIommufd', 'openFile', 'exit', 'mockMunmap']);

function takesFd(command: CommandName): boolean {
  return !ON_NOTHING.has(command);
}
