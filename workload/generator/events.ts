import type { DeviceHardware } from '../../model/platform/platform.ts';
import type { Words } from '../../model/world/command.ts';
import type { World } from '../../model/world/world.ts';
import { VEVENTQ_TYPE } from '../../spec/iommufd/constants.ts';
import { EventClass, encodeEvent } from '../../spec/smmuv3/event.ts';
import { type Draw, oneIn, pick, pickEarly } from './choice.ts';
import { call, type Move, type UapiCall } from './move.ts';
import { fdHandle, type Objects, objectHandle, type View } from './view.ts';

const access = { CLASS: EventClass.IN, RnW: 1, InputAddr: 0x4000n } as const;

/** Events that can be a guest's doing. The StreamID goes into the upper half of the first word. */
const GUEST_EVENTS: readonly Words[] = [
  encodeEvent('F_TRANSLATION', access),
  encodeEvent('F_TRANSLATION', { ...access, SSV: 1, SubstreamID: 2 }),
  encodeEvent('F_ADDR_SIZE', access),
  encodeEvent('F_ACCESS', { ...access, CLASS: EventClass.TT }),
  encodeEvent('F_PERMISSION', { ...access, PnU: 1 }),
  encodeEvent('C_BAD_STE'),
  encodeEvent('C_BAD_CD'),
  encodeEvent('C_BAD_SUBSTREAMID', { SSV: 1, SubstreamID: 9 }),
  encodeEvent('F_STREAM_DISABLED'),
];

/** Events that the host keeps: stage 2's, those of a stalled transaction, and what concerns the machine. */
const HOST_EVENTS: readonly Words[] = [
  encodeEvent('F_TRANSLATION', { ...access, S2: 1, IPA: 0x4000n }),
  encodeEvent('F_PERMISSION', { ...access, S2: 1, CLASS: EventClass.TT, IPA: 0x9000n }),
  encodeEvent('F_TRANSLATION', { ...access, Stall: 1, STAG: 5 }),
  encodeEvent('C_BAD_STREAMID'),
  encodeEvent('F_STE_FETCH'),
  encodeEvent('F_CD_FETCH'),
  encodeEvent('F_WALK_EABT', access),
  encodeEvent('F_TLB_CONFLICT', access),
];

const smmuEvent: Move = {
  weight: ({ world }) => (world.devices.some((device) => device.vmaster !== null) ? 20 : 1),
  make: ({ world }, draw) => drawSmmuEvent(world, draw),
};

/** An event of a device, mostly one that a guest would see. */
export function drawSmmuEvent(world: World, draw: Draw): UapiCall {
  const { platform } = world;
  let index = draw(platform.devices.length);
  if (!oneIn(6, draw)) {
    // The next device, in the platform's order, whose events a guest would see.
    const from = index;
    for (let n = 0; n < platform.devices.length; n++) {
      const at = (from + n) % platform.devices.length;
      if (world.devices[at]?.vmaster === null) continue;
      index = at;
      break;
    }
  }
  const device = platform.devices[index] as DeviceHardware;
  return eventOf(device, pick(oneIn(6, draw) ? HOST_EVENTS : GUEST_EVENTS, draw), draw);
}

function eventOf({ id, streamIds }: DeviceHardware, [first = 0n, ...rest]: Words, draw: Draw): UapiCall {
  const words = [first | (BigInt(pick(streamIds, draw)) << 32n), ...rest];
  return { actor: `device:${id}`, command: 'smmuEvent', args: { words } };
}

/** Now and then the answer cannot be written to the caller's struct. */
function unwritable(draw: Draw): { readonly unwritable?: boolean } {
  return oneIn(12, draw) ? { unwritable: true } : {};
}

const veventqAlloc: Move = {
  weight({ here }) {
    if (here === null || here.viommus.length === 0) return 0;
    return here.veventqs.length === 0 ? 16 : here.veventqs.length < here.viommus.length ? 4 : 1;
  },
  make(view, draw) {
    const here = view.here as Objects;
    return call(view, 'veventqAlloc', {
      fd: fdHandle(view, here.fd as number),
      viommuId: objectHandle(view, here, pickEarly(here.viommus, draw)),
      type: oneIn(10, draw) ? VEVENTQ_TYPE.TEGRA241_CMDQV : VEVENTQ_TYPE.ARM_SMMUV3,
      veventqDepth: oneIn(6, draw) ? 64 : 1 + draw(3),
      ...unwritable(draw),
    });
  },
};

const faultQueueAlloc: Move = {
  weight: ({ here }) => (here === null || here.devices.length === 0 ? 0 : here.faults.length === 0 ? 2 : 1),
  make: (view, draw) =>
    call(view, 'faultQueueAlloc', { fd: fdHandle(view, view.here?.fd as number), ...unwritable(draw) }),
};

/** Room for everything, one event, two, one and a half, a header, less than that, none. */
const COUNTS: readonly number[] = [4096, 4096, 40, 40, 80, 60, 48, 8, 7, 0];

/** Bytes of the buffer that are there: none, a header, and so on to where the second event begins. */
const WRITABLE: readonly number[] = [0, 7, 8, 16, 40, 48];

/** A header and an event record. */
const EVENT_BYTES = 40;

/** Events to be read before a queue says that others were lost; negative where none were. */
function eventsBeforeLoss({ world }: View, { ctx, id }: View['veventqFds'][number]): number {
  const queue = world.contexts[ctx]?.objects[id];
  return queue?.type === 'veventq' && queue.events.at(-1)?.words === null ? queue.events.length - 1 : -1;
}

const read: Move = {
  weight({ world, veventqFds, faultFds }) {
    let waiting = 0;
    let lost = false;
    for (const { ctx, id } of veventqFds) {
      const queue = world.contexts[ctx]?.objects[id];
      if (queue?.type !== 'veventq') continue;
      waiting += queue.events.length;
      lost ||= queue.events.at(-1)?.words === null;
    }
    // What was lost is told at the end of the queue: it has to be read empty.
    return lost ? 30 : waiting > 0 ? 8 : veventqFds.length + faultFds.length > 0 ? 1 : 0;
  },
  make(view, draw) {
    const { veventqFds, faultFds } = view;
    const losing = oneIn(2, draw) ? undefined : veventqFds.find((each) => eventsBeforeLoss(view, each) >= 0);
    if (losing !== undefined) {
      const before = eventsBeforeLoss(view, losing);
      const fd = fdHandle(view, losing.fd);
      // Without memory what was lost cannot be told; everything before it can.
      if (before === 0) return call(view, 'read', { fd, noMemory: true, count: 4096 });
      return call(view, 'read', { fd, count: before * EVENT_BYTES });
    }
    const fault = veventqFds.length === 0 || (faultFds.length > 0 && oneIn(6, draw));
    const fd = fdHandle(view, fault ? pick(faultFds, draw) : pick(veventqFds, draw).fd);
    const count = pick(COUNTS, draw);
    if (oneIn(20, draw)) return call(view, 'read', { fd, count, pos: 8 });
    // A buffer that ends in the middle of an event, or a kernel without memory.
    if (oneIn(3, draw)) return call(view, 'read', { fd, count, writable: pick(WRITABLE, draw) });
    return oneIn(6, draw)
      ? call(view, 'read', { fd, count, noMemory: true })
      : call(view, 'read', { fd, count });
  },
};

const poll: Move = {
  weight: ({ veventqFds, faultFds }) => (veventqFds.length + faultFds.length === 0 ? 0 : 2),
  make(view, draw) {
    const fds = [...view.veventqFds.map(({ fd }) => fd), ...view.faultFds];
    return call(view, 'poll', { fd: fdHandle(view, pick(fds, draw)) });
  },
};

const write: Move = {
  weight: ({ faultFds }) => (faultFds.length === 0 ? 0 : 1),
  make: (view, draw) =>
    call(view, 'write', { fd: fdHandle(view, pick(view.faultFds, draw)), count: pick([0, 8, 12], draw) }),
};

/** What devices report, and how processes hear of it. */
export const EVENT_MOVES = {
  smmuEvent,
  veventqAlloc,
  faultQueueAlloc,
  read,
  poll,
  write,
} as const satisfies Readonly<Record<string, Move>>;
