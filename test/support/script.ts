import { bootWorld } from '../../model/boot.ts';
import {
  type ArgValue,
  type Bindings,
  bindResult,
  type Call,
  NO_BINDINGS,
  resolveCall,
} from '../../model/call.ts';
import type { Platform } from '../../model/platform/platform.ts';
import { intended, type Rules } from '../../model/rules.ts';
import { type Step, step } from '../../model/step.ts';
import type { CommandName } from '../../model/world/command.ts';
import type { Result } from '../../model/world/result.ts';
import type { World } from '../../model/world/world.ts';

/** A call in short: command, arguments, and the name for what it makes. The actor is the only VMM. */
export type Line = readonly [command: CommandName, args?: Readonly<Record<string, ArgValue>>, as?: string];

export function callOf([command, args = {}, as]: Line, actor = 'vmm:vm0'): Call {
  return { actor, command, args, ...(as === undefined ? {} : { as }) };
}

export interface Played {
  readonly world: World;
  readonly bindings: Bindings;
  /** The last step. */
  readonly last: Step;
}

/** Who does what processes do not; a name in the place of the made one says who else. */
const DEVICES: { readonly [N in CommandName]?: string } = {
  smmuEvent: 'dev0',
  dma: 'dev0',
  rescan: 'dev0',
  mdevPin: 'mdev0',
  mdevUnpin: 'mdev0',
  mdevRw: 'mdev0',
};

/** Plays a script from the platform's first world. */
export function play(platform: Platform, script: readonly Line[], rules: Rules = intended): Played {
  let world = bootWorld(platform);
  let bindings: Bindings = NO_BINDINGS;
  let last: Step = { world, result: { ok: true, out: {} }, effects: [] };
  for (const line of script) {
    const device = DEVICES[line[0]];
    const call = callOf(line, device === undefined ? undefined : `device:${line[2] ?? device}`);
    last = step(world, resolveCall(call, bindings), rules);
    bindings = bindResult(call, last.result, bindings);
    world = last.world;
  }
  return { world, bindings, last };
}

/** `ok` or the errno. */
export function outcome(result: Result): string {
  return result.ok ? 'ok' : result.errno;
}

/** One device bound and an IOAS: `io`, `cdev`, `dev`, `ioas`. */
export const BOUND: readonly Line[] = [
  ['openIommufd', {}, 'io'],
  ['openCdev', { device: 'dev0' }, 'cdev'],
  ['vfioBind', { fd: 'cdev', iommufd: 'io' }, 'dev'],
  ['ioasAlloc', { fd: 'io' }, 'ioas'],
];

/** Guest STEs: bypass, abort, stage 1 translating with its CD at IPA 0x10000000. */
export const VSTE = {
  abort: [0x1n, 0n],
  bypass: [0x9n, 0n],
  translate: [0x1000_000bn, 0n],
} as const;

const nested = (data: readonly bigint[]): Readonly<Record<string, ArgValue>> => ({
  fd: 'io',
  devId: 'dev',
  ptId: 'viommu',
  dataType: 2,
  dataLen: 16,
  data,
});

/** Beyond `BOUND`: a nesting parent, a vIOMMU, nested HWPTs `abort`, `bypass`, `translate`; no vDEVICE yet. */
export const NESTED: readonly Line[] = [
  ...BOUND,
  ['hwptAlloc', { fd: 'io', devId: 'dev', ptId: 'ioas', flags: 1 }, 'parent'],
  ['viommuAlloc', { fd: 'io', type: 1, devId: 'dev', hwptId: 'parent' }, 'viommu'],
  ['hwptAlloc', nested(VSTE.abort), 'abort'],
  ['hwptAlloc', nested(VSTE.bypass), 'bypass'],
  ['hwptAlloc', nested(VSTE.translate), 'translate'],
];

export const nestedArgs = nested;
