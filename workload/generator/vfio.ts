import { VFIO_DEVICE, VFIO_IRQ_SET, VFIO_PCI } from '../../spec/vfio/constants.ts';
import type { BoundCdev, Cdev } from '../sight.ts';
import { type Draw, oneIn, pick, pickWhere } from './choice.ts';
import { call, type Move, type UapiCall } from './move.ts';
import { fdHandle, hardwareOf, type Objects, type View } from './view.ts';

/** Whether a BIND of this file to that context would be the first of its device, in a group that is free for it. */
function isBindable(view: View, cdev: Cdev, ctx: number): boolean {
  if (cdev.bound !== null || view.world.devices[cdev.device]?.opened === true) return false;
  const owner = view.world.groups[hardwareOf(view, cdev).group]?.owner ?? null;
  return owner === null || owner === ctx;
}

const vfioBind: Move = {
  weight(view) {
    const { here, cdevs, bound } = view;
    if (here === null || cdevs.length === bound.length) return 0;
    return cdevs.some((cdev) => isBindable(view, cdev, here.ctx)) ? 40 : 2;
  },
  make(view, draw) {
    const here = view.here as Objects;
    const unbound = view.cdevs.filter((cdev) => cdev.bound === null);
    const suits = (cdev: Cdev) => isBindable(view, cdev, here.ctx);
    const cdev = (oneIn(10, draw) ? undefined : pickWhere(unbound, suits, draw)) ?? pick(unbound, draw);
    const args = { fd: fdHandle(view, cdev.fd), iommufd: fdHandle(view, here.fd as number) };
    if (!oneIn(16, draw)) return call(view, 'vfioBind', args);
    const tokenUuidPtr = pick(['buffer', 'null', 'unmapped'] as const, draw);
    return call(view, 'vfioBind', { ...args, flags: VFIO_DEVICE.BIND_FLAG_TOKEN, tokenUuidPtr });
  },
};

const { DATA_NONE, DATA_BOOL, DATA_EVENTFD, ACTION_TRIGGER, ACTION_MASK, ACTION_UNMASK } = VFIO_IRQ_SET;

/** struct vfio_irq_set without its data. */
const IRQ_SET_BYTES = 20;

const vfioSetIrqs: Move = {
  weight: ({ bound, world }) =>
    bound.length === 0 ? 0 : bound.some(({ device }) => world.devices[device]?.messages.length === 0) ? 5 : 2,
  make(view, draw) {
    const cdev = pick(view.bound, draw);
    if (oneIn(4, draw)) return setLine(view, cdev, draw);
    const enabled = view.world.devices[cdev.device]?.messages.length ?? 0;
    return setIrqs(view, cdev, enabled === 0 ? draw(8) < 6 : oneIn(4, draw), draw);
  },
};

/** Enables the MSI vectors with eventfds; or triggers them, switches them off, or tries what PCI MSIs cannot. */
function setIrqs(view: View, cdev: BoundCdev, enable: boolean, draw: Draw): UapiCall {
  const fd = fdHandle(view, cdev.fd);
  const index = VFIO_PCI.MSI_IRQ;
  const count = hardwareOf(view, cdev).msiVectors;
  if (enable)
    return call(view, 'vfioSetIrqs', {
      fd,
      argsz: IRQ_SET_BYTES + 4 * count,
      flags: DATA_EVENTFD | ACTION_TRIGGER,
      index,
      count,
      data: drawEventfd(view, draw),
    });
  const kind = draw(4);
  if (kind === 0) return call(view, 'vfioSetIrqs', { fd, flags: DATA_NONE | ACTION_MASK, index, count });
  if (kind === 1)
    return call(view, 'vfioSetIrqs', {
      fd,
      argsz: IRQ_SET_BYTES + count,
      flags: DATA_BOOL | ACTION_TRIGGER,
      index,
      count,
    });
  return call(view, 'vfioSetIrqs', { fd, flags: DATA_NONE | ACTION_TRIGGER, index });
}

/** Switches the line, errors or requests on and off, masks and unmasks: what can be done with them, and what cannot. */
function setLine(view: View, cdev: BoundCdev, draw: Draw): UapiCall {
  const fd = fdHandle(view, cdev.fd);
  const { lines, messages = [] } = view.world.devices[cdev.device] ?? {};
  // The line is seldom switched on, and soon off again: beside it there are no messages.
  const asLine = messages.length === 0 && !oneIn(3, draw);
  const index = asLine
    ? VFIO_PCI.INTX_IRQ
    : pick([VFIO_PCI.ERR_IRQ, VFIO_PCI.REQ_IRQ, VFIO_PCI.INTX_IRQ], draw);
  const isOn = index === VFIO_PCI.INTX_IRQ ? lines?.intx === true : lines !== undefined;
  const off = { fd, index, flags: DATA_NONE | ACTION_TRIGGER };
  if (isOn && oneIn(3, draw)) return call(view, 'vfioSetIrqs', off);
  const action = isOn
    ? pick([ACTION_MASK, ACTION_UNMASK, ACTION_UNMASK, ACTION_TRIGGER], draw)
    : ACTION_TRIGGER;
  // Others than the first, and more than there are, are none.
  const one = { fd, index, count: oneIn(8, draw) ? draw(3) : 1, start: oneIn(16, draw) ? 1 : 0 };
  if (oneIn(4, draw)) return call(view, 'vfioSetIrqs', { ...one, flags: DATA_NONE | action });
  return call(view, 'vfioSetIrqs', {
    ...one,
    argsz: IRQ_SET_BYTES + 8,
    flags: DATA_EVENTFD | action,
    data:
      view.otherFds.length > 0 && !oneIn(3, draw)
        ? [BigInt(pick(view.otherFds, draw))]
        : drawEventfd(view, draw),
  });
}

/** -1 in 32 bits: the vector has no eventfd, which does not keep it from being enabled. */
const NO_FD = 0xffff_ffffn;

/** The data of a SET_IRQS with eventfds, for one vector. */
function drawEventfd({ otherFds, process }: View, draw: Draw): readonly bigint[] {
  if (otherFds.length > 0 && oneIn(2, draw)) return [BigInt(pick(otherFds, draw))];
  return [oneIn(8, draw) ? BigInt(draw(process.fds.length + 4)) : NO_FD];
}

/** A weight where a device is bound. */
function withBound(weight: number): (view: View) => number {
  return ({ bound }) => (bound.length === 0 ? 0 : weight);
}

const vfioGetInfo: Move = {
  weight: withBound(1),
  make: (view, draw) => call(view, 'vfioGetInfo', { fd: fdHandle(view, pick(view.bound, draw).fd) }),
};

const vfioGetRegionInfo: Move = {
  weight: withBound(1),
  make: (view, draw) =>
    call(view, 'vfioGetRegionInfo', {
      fd: fdHandle(view, pick(view.bound, draw).fd),
      index: draw(VFIO_PCI.NUM_REGIONS),
    }),
};

const vfioGetIrqInfo: Move = {
  weight: withBound(1),
  make: (view, draw) =>
    call(view, 'vfioGetIrqInfo', {
      fd: fdHandle(view, pick(view.bound, draw).fd),
      index: oneIn(2, draw) ? VFIO_PCI.MSI_IRQ : draw(VFIO_PCI.NUM_IRQS + 1),
    }),
};

const vfioReset: Move = {
  weight: withBound(1),
  make: (view, draw) => call(view, 'vfioReset', { fd: fdHandle(view, pick(view.bound, draw).fd) }),
};

/** What a process does with the devices it has open, but for attaching them. */
export const VFIO_MOVES = {
  vfioBind,
  vfioSetIrqs,
  vfioGetInfo,
  vfioGetRegionInfo,
  vfioGetIrqInfo,
  vfioReset,
} as const satisfies Readonly<Record<string, Move>>;
