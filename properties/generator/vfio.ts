import type { DeviceHardware } from '../../model/platform/platform.ts';
import { VFIO_IRQ_SET, VFIO_PCI } from '../../spec/vfio/constants.ts';
import type { Call } from '../commands/call.ts';
import { type Draw, oneIn, pick, pickWhere } from './choice.ts';
import { call, type Move } from './move.ts';
import {
  type BoundCdev,
  type Cdev,
  fdHandle,
  type Objects,
  objectAt,
  objectHandle,
  objectsOf,
  type View,
} from './view.ts';

function hardwareOf(view: View, { device }: Cdev): DeviceHardware {
  return view.world.platform.devices[device] as DeviceHardware;
}

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
    return call(view, 'vfioBind', {
      fd: fdHandle(view, cdev.fd),
      iommufd: fdHandle(view, here.fd as number),
    });
  },
};

/** The HWPT that a bound device's group is on, and whether the device itself is attached. */
function attachmentOf(view: View, cdev: BoundCdev): { hwpt: number | null; attached: boolean } {
  const { group } = hardwareOf(view, cdev);
  for (const igroup of view.world.contexts[cdev.bound.ctx]?.groups ?? []) {
    if (igroup.group !== group || igroup.attach === null) continue;
    return { hwpt: igroup.attach.hwpt, attached: igroup.attach.devices.includes(cdev.bound.devId) };
  }
  return { hwpt: null, attached: false };
}

/** Nested HWPTs that this device could be put on now: same pSMMU, and its vDEVICE there if stage 1 translates. */
function isNestable(objects: Objects, cdev: BoundCdev, hwptId: number): boolean {
  const { viommu, domain } = objectAt(objects, hwptId, 'hwptNested');
  if (domain.config !== 's1Translate') return true;
  const { vdevice } = objectAt(objects, cdev.bound.devId, 'device');
  return vdevice !== null && objectAt(objects, vdevice, 'vdevice').viommu === viommu;
}

const vfioAttach: Move = {
  weight(view) {
    const { bound, here } = view;
    if (bound.length === 0 || here === null) return 0;
    if (here.nesteds.length > 0) return 22;
    return here.ioases.length + here.pagings.length === 0 ? 1 : 8;
  },
  make(view, draw) {
    const cdev = pick(view.bound, draw);
    const objects = objectsOf(view, cdev.bound.ctx);
    const pt = drawPt(view, cdev, objects, draw);
    if (pt === null) return call(view, 'vfioAttach', { fd: fdHandle(view, cdev.fd), ptId: draw(4) });
    return call(view, 'vfioAttach', { fd: fdHandle(view, cdev.fd), ptId: objectHandle(view, objects, pt) });
  },
};

/** What to attach a device to: what its group is on, a nested HWPT, or whatever there is. */
function drawPt(view: View, cdev: BoundCdev, objects: Objects, draw: Draw): number | null {
  const { hwpt, attached } = attachmentOf(view, cdev);
  if (hwpt !== null && !attached && !oneIn(4, draw)) return hwpt;
  if (!oneIn(4, draw)) {
    const nested = pickWhere(objects.nesteds, (id) => id !== hwpt && isNestable(objects, cdev, id), draw);
    if (nested !== undefined) return nested;
  }
  const kinds = [objects.ioases, objects.pagings, objects.pagings, objects.nesteds].filter(
    (ids) => ids.length > 0,
  );
  return kinds.length === 0 ? null : pick(pick(kinds, draw), draw);
}

const vfioDetach: Move = {
  weight: ({ bound }) => (bound.length === 0 ? 0 : 2),
  make: (view, draw) => call(view, 'vfioDetach', { fd: fdHandle(view, pick(view.bound, draw).fd) }),
};

const { DATA_NONE, DATA_BOOL, DATA_EVENTFD, ACTION_TRIGGER, ACTION_MASK } = VFIO_IRQ_SET;

/** struct vfio_irq_set without its data. */
const IRQ_SET_BYTES = 20;

const vfioSetIrqs: Move = {
  weight: ({ bound, world }) =>
    bound.length === 0 ? 0 : bound.some(({ device }) => world.devices[device]?.enabledMsi === 0) ? 5 : 2,
  make(view, draw) {
    const cdev = pick(view.bound, draw);
    const enabled = view.world.devices[cdev.device]?.enabledMsi ?? 0;
    return setIrqs(view, cdev, enabled === 0 ? draw(8) < 6 : oneIn(4, draw), draw);
  },
};

/** Enables the MSI vectors with eventfds; or triggers them, switches them off, or tries what PCI MSIs cannot. */
function setIrqs(view: View, cdev: BoundCdev, enable: boolean, draw: Draw): Call {
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
      index: VFIO_PCI.MSI_IRQ,
    }),
};

const vfioReset: Move = {
  weight: withBound(1),
  make: (view, draw) => call(view, 'vfioReset', { fd: fdHandle(view, pick(view.bound, draw).fd) }),
};

/** What a process does with the devices it has open. */
export const VFIO_MOVES = {
  vfioBind,
  vfioAttach,
  vfioDetach,
  vfioSetIrqs,
  vfioGetInfo,
  vfioGetRegionInfo,
  vfioGetIrqInfo,
  vfioReset,
} as const satisfies Readonly<Record<string, Move>>;
