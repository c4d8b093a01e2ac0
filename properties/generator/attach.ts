import type { Call } from '../commands/call.ts';
import { type Draw, oneIn, pick } from './choice.ts';
import { call, type Move } from './move.ts';
import {
  type BoundCdev,
  fdHandle,
  type Handle,
  hardwareOf,
  type Objects,
  objectAt,
  objectHandle,
  objectsOf,
  type View,
} from './view.ts';

/** The HWPT that a bound device's group is on, and whether the device itself is attached. */
function attachmentOf(view: View, cdev: BoundCdev): { hwpt: number | null; attached: boolean } {
  const { group } = hardwareOf(view, cdev);
  for (const igroup of view.world.contexts[cdev.bound.ctx]?.groups ?? []) {
    if (igroup.group !== group || igroup.attach === null) continue;
    return { hwpt: igroup.attach.hwpt, attached: igroup.attach.devices.includes(cdev.bound.devId) };
  }
  return { hwpt: null, attached: false };
}

/** Whether a vIOMMU has a vDEVICE for every device of a group, as an attachment to a translating HWPT needs. */
function hasVdevices(view: View, here: Objects, viommu: number, group: number): boolean {
  const { devices } = view.world.platform;
  let left = 0;
  for (const device of devices) if (device.group === group) left++;
  for (const id of here.vdevices) {
    const vdevice = objectAt(here, id, 'vdevice');
    if (vdevice.viommu !== viommu) continue;
    if (devices[objectAt(here, vdevice.devId, 'device').device]?.group === group) left--;
  }
  return left === 0;
}

interface Nesting {
  readonly cdev: BoundCdev;
  readonly hwpt: number;
}

/** Attachments that would put a device's group, not on this HWPT yet, behind its guest's stage 1. */
function nestings(view: View, here: Objects): readonly Nesting[] {
  const found: Nesting[] = [];
  if (here.vdevices.length === 0) return found;
  for (const id of here.nesteds) {
    const { domain, viommu } = objectAt(here, id, 'hwptNested');
    if (domain.config !== 's1Translate') continue;
    for (const cdev of view.bound) {
      const { group, smmu } = hardwareOf(view, cdev);
      if (cdev.bound.ctx !== here.ctx || domain.smmu !== smmu) continue;
      if (!hasVdevices(view, here, viommu, group)) continue;
      const { hwpt, attached } = attachmentOf(view, cdev);
      if (hwpt !== id && (attached || hwpt === null)) found.push({ cdev, hwpt: id });
    }
  }
  return found;
}

const vfioAttach: Move = {
  weight(view) {
    const { bound, here } = view;
    if (bound.length === 0) return 0;
    if (here === null) return 4;
    if (here.nesteds.length > 0) return nestings(view, here).length > 0 ? 30 : 9;
    return here.ioases.length + here.pagings.length === 0 ? 1 : 6;
  },
  make(view, draw) {
    const { here } = view;
    if (here !== null && !oneIn(3, draw)) {
      const found = nestings(view, here);
      if (found.length > 0) {
        const { cdev, hwpt } = pick(found, draw);
        return attach(view, cdev, objectHandle(view, here, hwpt));
      }
    }
    const cdev = pick(view.bound, draw);
    const objects = objectsOf(view, cdev.bound.ctx);
    const pt = drawPt(view, cdev, objects, draw);
    return attach(view, cdev, pt === null ? draw(4) : objectHandle(view, objects, pt));
  },
};

function attach(view: View, cdev: BoundCdev, ptId: Handle): Call {
  return call(view, 'vfioAttach', { fd: fdHandle(view, cdev.fd), ptId });
}

/** What to attach a device to: what its group is on, or whatever there is. */
function drawPt(view: View, cdev: BoundCdev, objects: Objects, draw: Draw): number | null {
  const { hwpt, attached } = attachmentOf(view, cdev);
  if (hwpt !== null && !attached && !oneIn(4, draw)) return hwpt;
  const kinds = [objects.ioases, objects.pagings, objects.pagings, objects.nesteds].filter(
    (ids) => ids.length > 0,
  );
  return kinds.length === 0 ? null : pick(pick(kinds, draw), draw);
}

const vfioDetach: Move = {
  weight: ({ bound }) => (bound.length === 0 ? 0 : 2),
  make: (view, draw) => call(view, 'vfioDetach', { fd: fdHandle(view, pick(view.bound, draw).fd) }),
};

/** How devices come onto page tables and off them. */
export const ATTACH_MOVES = { vfioAttach, vfioDetach } as const satisfies Readonly<Record<string, Move>>;
