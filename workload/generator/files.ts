import { FIRST_FD } from '../../model/world/process.ts';
import { type Draw, oneIn, pick, pickWhere } from './choice.ts';
import { call, type Move } from './move.ts';
import { fdHandle, type View } from './view.ts';

const openIommufd: Move = {
  weight: ({ iommufds, bound }) =>
    iommufds.length === 0 ? 200 : iommufds.length === 1 && bound.length > 1 ? 1 : 0,
  make: (view) => call(view, 'openIommufd', {}),
};

/** Whether nobody has a bound file of a device, and this process has not opened one. */
function isUntouched(view: View, device: number): boolean {
  return view.world.devices[device]?.opened === false && !view.cdevs.some((cdev) => cdev.device === device);
}

const openCdev: Move = {
  weight(view) {
    const { cdevs, bound } = view;
    // A file that is still to be bound goes first.
    if (cdevs.length - bound.length > 1) return 2;
    if (!view.world.devices.some((_, device) => isUntouched(view, device))) return 1;
    return bound.length === 0 ? 60 : bound.length < 3 ? 14 : 6;
  },
  make(view, draw) {
    const { devices } = view.world.platform;
    const untouched = (device: number) => isUntouched(view, device);
    const indices = devices.map((_, index) => index);
    const device = (oneIn(12, draw) ? undefined : pickWhere(indices, untouched, draw)) ?? pick(indices, draw);
    return call(view, 'openCdev', { device: devices[device]?.id ?? '' });
  },
};

const openOther: Move = {
  weight: ({ otherFds }) => (otherFds.length === 0 ? 1 : 0),
  make: (view) => call(view, 'openOther', {}),
};

const close: Move = {
  weight: ({ process }) => (process.fds.length === 0 ? 0 : 2),
  make(view, draw) {
    const { fds } = view.process;
    const at = draw(fds.length);
    return call(view, 'close', { fd: fdHandle(view, at + FIRST_FD) });
  },
};

/** Where BARs are mapped: few places, so that two mappings can share one. */
function drawBarVa(draw: Draw): bigint {
  return 0x7f00_0000_0000n + BigInt(draw(3)) * 0x10_0000n;
}

const mmapBar: Move = {
  weight: ({ bound }) => (bound.length === 0 ? 0 : 1),
  make: (view, draw) =>
    call(view, 'mmapBar', { fd: fdHandle(view, pick(view.bound, draw).fd), va: drawBarVa(draw) }),
};

const munmapBar: Move = {
  weight: ({ process }) => (process.mappings.length === 0 ? 0 : 1),
  make: (view, draw) => call(view, 'munmapBar', { va: pick(view.process.mappings, draw).va }),
};

/** How descriptors and mappings come and go. */
export const FILE_MOVES = {
  openIommufd,
  openCdev,
  openOther,
  close,
  mmapBar,
  munmapBar,
} as const satisfies Readonly<Record<string, Move>>;
