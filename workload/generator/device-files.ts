import type { Call } from '../../model/call.ts';
import { FIRST_FD } from '../../model/world/process.ts';
import { DEVICE_FEATURE, VFIO_IRQ_SET, VFIO_PCI } from '../../spec/vfio/constants.ts';
import { type Draw, oneIn, pick, pickAny } from './choice.ts';
import type { UapiName } from './move.ts';
import { MOVES } from './moves.ts';
import { fdHandle, hardwareOf, objectAt, type View } from './view.ts';

type Rare = (view: View, draw: Draw) => Call;

/** A file of the process, mostly a device's; at times one that is not open, or standard output. */
function drawFile(view: View, draw: Draw): string | number {
  const { bound, fds } = view;
  if (bound.length > 0 && !oneIn(4, draw)) return fdHandle(view, pick(bound, draw).fd);
  return oneIn(4, draw) || fds.length === 0 ? draw(FIRST_FD + 6) : fdHandle(view, pick(fds, draw));
}

const { GET, SET, PROBE, LOW_POWER } = DEVICE_FEATURE;

const deviceFeature: Rare = (view, draw) => {
  const features = [LOW_POWER.ENTRY, LOW_POWER.ENTRY_WITH_WAKEUP, LOW_POWER.EXIT];
  const feature = oneIn(6, draw) ? draw(8) : pick(features, draw);
  const what = pick(
    [SET, SET, SET, GET, PROBE, PROBE | SET, PROBE | GET, GET | SET, PROBE | GET | SET, 0],
    draw,
  );
  const flags = (feature | what | (oneIn(16, draw) ? 1 << (19 + draw(12)) : 0)) >>> 0;
  const argsz = pick([8, 8, 15, 16, 16, 24, 7], draw);
  return { actor: view.actor, command: 'deviceFeature', args: { fd: drawFile(view, draw), argsz, flags } };
};

const hotResetInfo: Rare = (view, draw) => ({
  actor: view.actor,
  command: 'hotResetInfo',
  args: { fd: drawFile(view, draw), argsz: pick([11, 12, 19, 20, 27, 28, 35, 36, 44, 76], draw) },
});

const hotReset: Rare = (view, draw) => ({
  actor: view.actor,
  command: 'hotReset',
  args: {
    fd: drawFile(view, draw),
    argsz: oneIn(8, draw) ? 11 : 12,
    ...(oneIn(8, draw) ? { flags: 1 << draw(8) } : {}),
    ...(oneIn(8, draw) ? { count: 1 + draw(3) } : {}),
  },
});

const regionInfo: Rare = (view, draw) => ({
  actor: view.actor,
  command: 'vfioGetRegionInfo',
  args: { fd: drawFile(view, draw), index: draw(VFIO_PCI.NUM_REGIONS + 2), argsz: oneIn(8, draw) ? 31 : 32 },
});

const { DATA_NONE, DATA_BOOL, DATA_EVENTFD, ACTION_TRIGGER } = VFIO_IRQ_SET;

/** struct vfio_irq_set without its data. */
const IRQ_SET_BYTES = 20;

/** Some of a device's messages, and at times more than it has. */
const setVectors: Rare = (view, draw) => {
  const cdev = pickAny(view.bound, draw);
  if (cdev === undefined) return hotResetInfo(view, draw);
  const most = hardwareOf(view, cdev).msiVectors;
  const start = draw(most + 1);
  const count = draw(most - start + 2);
  const [type, each] = pick(
    [
      [DATA_EVENTFD, 4],
      [DATA_EVENTFD, 4],
      [DATA_EVENTFD, 4],
      [DATA_BOOL, 1],
      [DATA_NONE, 0],
    ] as const,
    draw,
  );
  const fds = Array.from({ length: count }, () => drawEventfd(view, draw));
  return {
    actor: view.actor,
    command: 'vfioSetIrqs',
    args: {
      fd: fdHandle(view, cdev.fd),
      argsz: IRQ_SET_BYTES + count * each - (oneIn(12, draw) ? 1 : 0),
      flags: type | ACTION_TRIGGER,
      index: VFIO_PCI.MSI_IRQ,
      start,
      count,
      data: inPairs(fds),
    },
  };
};

/** None, an eventfd, or seldom another descriptor. */
function drawEventfd({ otherFds }: View, draw: Draw): bigint {
  if (otherFds.length > 0 && oneIn(2, draw)) return BigInt(pick(otherFds, draw));
  return oneIn(8, draw) ? BigInt(draw(12)) : 0xffff_ffffn;
}

function inPairs(fds: readonly bigint[]): readonly bigint[] {
  return Array.from(
    { length: Math.ceil(fds.length / 2) },
    (_, at) => (fds[2 * at] ?? 0n) | ((fds[2 * at + 1] ?? 0n) << 32n),
  );
}

/** The line, switched on by an eventfd or none, unmasked by one, and off again. */
const setLine: Rare = (view, draw) => {
  const cdev = pickAny(view.bound, draw);
  if (cdev === undefined) return hotResetInfo(view, draw);
  const isOn = view.world.devices[cdev.device]?.lines?.intx === true;
  const off = isOn && oneIn(3, draw);
  const action = isOn && !oneIn(4, draw) ? VFIO_IRQ_SET.ACTION_UNMASK : ACTION_TRIGGER;
  const args = off
    ? { flags: DATA_NONE | ACTION_TRIGGER }
    : { argsz: 24, flags: DATA_EVENTFD | action, count: 1, data: [drawEventfd(view, draw)] };
  return {
    actor: view.actor,
    command: 'vfioSetIrqs',
    args: { fd: fdHandle(view, cdev.fd), index: VFIO_PCI.INTX_IRQ, ...args },
  };
};

const dup: Rare = (view, draw) => ({ actor: view.actor, command: 'dup', args: { fd: drawFile(view, draw) } });

const passFd: Rare = (view, draw) => ({
  actor: view.actor,
  command: 'passFd',
  args: { fd: drawFile(view, draw), to: pick(view.world.platform.vms, draw) },
});

const close: Rare = (view, draw) => ({
  actor: view.actor,
  command: 'close',
  args: { fd: drawFile(view, draw) },
});

const openGroup: Rare = (view, draw) => ({
  actor: view.actor,
  command: 'openGroup',
  args: { group: draw(5) },
});

const openFile: Rare = (view, draw) => ({
  actor: view.actor,
  command: 'openFile',
  args: { of: pick(['memory', 'plain'], draw), size: BigInt(draw(3)) * 0x1000n },
});

/** A file in memory is mapped, at times where something is already; where none is open, one is opened. */
const mapFile: Rare = (view, draw) => {
  const { here, process, world } = view;
  const files = process.fds.flatMap((index, at) =>
    index !== null && world.files[index]?.of.kind === 'memory' ? [at + FIRST_FD] : [],
  );
  const move = MOVES.ioasMapFile;
  if (here === null || files.length === 0 || move.weight(view) === 0) return openFile(view, draw);
  const made = move.make(view, draw);
  const mapped = here.ioases.flatMap((id) => objectAt(here, id, 'ioas').iopt.areas);
  const length = BigInt(1 + draw(2)) * 0x1000n;
  const args = { ...made.args, fileFd: fdHandle(view, pick(files, draw)), length };
  const iova = mapped.length > 0 && oneIn(2, draw) ? { iova: pick(mapped, draw).start } : {};
  return { ...made, args: { ...args, ...iova } };
};

const unknown: Rare = (view, draw) => ({
  actor: view.actor,
  command: 'unknownIoctl',
  args: { fd: drawFile(view, draw) },
});

/** Pages of the process's memory are taken from it, or can no longer be written. */
const changeMemory: Rare = (view, draw) => {
  const { start = 0n } = view.world.platform.userMemory[0] ?? {};
  const access = pick(['none', 'read', 'write'], draw);
  const args = { va: start + BigInt(draw(4)) * 0x1000n, length: BigInt(draw(3)) * 0x1000n, access };
  return { actor: view.actor, command: 'changeMemory', args };
};

const ends: Rare = (view, draw) => ({
  actor: view.actor,
  command: oneIn(3, draw) ? 'exec' : 'exit',
  args: {},
});

/** How often each is drawn. */
const RARE: readonly (readonly [number, Rare])[] = [
  [12, deviceFeature],
  [8, hotResetInfo],
  [5, hotReset],
  [4, regionInfo],
  [10, setVectors],
  [6, setLine],
  [6, dup],
  [6, passFd],
  [8, close],
  [3, openGroup],
  [2, openFile],
  [4, mapFile],
  [2, unknown],
  [2, changeMemory],
  [1, ends],
];
const TOTAL = RARE.reduce((sum, [weight]) => sum + weight, 0);

/** What brings devices to where the rest can be done with them. */
const BEFORE: readonly UapiName[] = ['openIommufd', 'openCdev', 'vfioBind', 'openOther'];

/** Calls on device files that VMMs seldom make, and what processes do with descriptors and themselves; null: anything else. */
export function deviceFileWork(view: View, draw: Draw): Call | null {
  if (view.bound.length < 2 && oneIn(2, draw)) {
    const move = MOVES[pick(BEFORE, draw)];
    return move.weight(view) === 0 ? null : move.make(view, draw);
  }
  if (oneIn(3, draw)) return null;
  let left = draw(TOTAL);
  for (const [weight, make] of RARE) {
    if (left < weight) return make(view, draw);
    left -= weight;
  }
  return null;
}
