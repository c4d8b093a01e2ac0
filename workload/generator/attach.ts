import type { BoundCdev } from '../sight.ts';
import { type Draw, oneIn, pick, pickAny, pickWhere } from './choice.ts';
import { call, type Move, type UapiCall } from './move.ts';
import { attachPasid, detachPasid, wantsPasid } from './pasid.ts';
import {
  fdHandle,
  type Handle,
  hardwareOf,
  type Objects,
  objectAt,
  objectHandle,
  objectIf,
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

/** Devices of a group that have no vDEVICE on a vIOMMU. */
function missingVdevices(view: View, here: Objects, viommu: number, group: number): number {
  const { devices } = view.world.platform;
  let missing = 0;
  for (const device of devices) if (device.group === group) missing++;
  for (const id of here.vdevices) {
    const vdevice = objectAt(here, id, 'vdevice');
    if (vdevice.viommu !== viommu) continue;
    // A vDEVICE may outlive its device under some defects.
    const device = objectIf(here, vdevice.devId, 'device')?.device ?? -1;
    if (devices[device]?.group === group) missing--;
  }
  return missing;
}

function hasVdevice(here: Objects, viommu: number, devId: number): boolean {
  const { vdevice } = objectAt(here, devId, 'device');
  return vdevice !== null && objectIf(here, vdevice, 'vdevice')?.viommu === viommu;
}

interface Nesting {
  readonly cdev: BoundCdev;
  readonly hwpt: number;
  readonly translates: boolean;
  /** The group is on no nested HWPT yet. */
  readonly isFirst: boolean;
}

/**
 * Attachments that would put a device's group, not on this HWPT yet, behind its vIOMMU, with its events for the guest:
 * to translate, all of the group needs a vDEVICE there.
 */
function nestings(view: View, here: Objects): readonly Nesting[] {
  const found: Nesting[] = [];
  if (here.vdevices.length === 0) return found;
  for (const id of here.nesteds) {
    const { domain, viommu } = objectAt(here, id, 'hwptNested');
    if (viommu === null) continue;
    const translates = domain.config === 's1Translate';
    for (const cdev of view.bound) {
      const { group, iommu } = hardwareOf(view, cdev);
      if (cdev.bound.ctx !== here.ctx || domain.iommu !== iommu) continue;
      if (!hasVdevice(here, viommu, cdev.bound.devId)) continue;
      if (translates && missingVdevices(view, here, viommu, group) > 0) continue;
      const { hwpt, attached } = attachmentOf(view, cdev);
      if (hwpt !== id && (attached || hwpt === null))
        found.push({ cdev, hwpt: id, translates, isFirst: !here.nesteds.includes(hwpt ?? 0) });
    }
  }
  return found;
}

/** A first nesting is what most of the others lead to; going from one to another is worth less. */
function nestingWeight(found: readonly Nesting[]): number {
  if (found.length === 0) return 9;
  return found.some(({ isFirst }) => isFirst) ? 60 : 20;
}

const vfioAttach: Move = {
  weight(view) {
    const { bound, here } = view;
    if (bound.length === 0) return 0;
    if (here === null) return 4;
    if (attachUnderWay(view) !== null) return 30;
    if (here.nesteds.length > 0) return nestingWeight(nestings(view, here));
    return here.ioases.length + here.pagings.length === 0 ? 1 : 6;
  },
  make(view, draw) {
    const { here } = view;
    if (wantsPasid(view, draw)) return attachPasid(view, draw);
    const underWay = attachUnderWay(view);
    if (here !== null && underWay !== null && !oneIn(4, draw)) return beside(view, here, underWay, draw);
    if (here !== null && !oneIn(3, draw)) {
      const found = nestings(view, here);
      const nesting = oneIn(4, draw)
        ? pickAny(found, draw)
        : (pickWhere(found, ({ translates }) => translates, draw) ?? pickAny(found, draw));
      if (nesting !== undefined) return attach(view, nesting.cdev, objectHandle(view, here, nesting.hwpt));
    }
    const cdev = pick(view.bound, draw);
    const objects = objectsOf(view, cdev.bound.ctx);
    const pt = drawPt(view, cdev, objects, draw);
    const attachment = attach(view, cdev, pt === null ? draw(4) : objectHandle(view, objects, pt));
    return oneIn(40, draw) ? { ...attachment, args: { ...attachment.args, unwritable: true } } : attachment;
  },
};

/** The IOAS that another thread is attaching a device to; null: none. */
function attachUnderWay({ process, here }: View): number | null {
  for (const { ctx, what } of process.calls)
    if (what.call === 'attach' && ctx === here?.ctx && here.ioases.includes(what.pt)) return what.pt;
  return null;
}

/** What comes between the ends of an attach: another device to the same IOAS, or one of its group to something else. */
function beside(view: View, here: Objects, pt: number, draw: Draw): UapiCall {
  const cdev = pick(view.bound, draw);
  const others = [...here.pagings, ...here.ioases].filter((id) => id !== pt);
  return attach(view, cdev, objectHandle(view, here, oneIn(2, draw) ? pt : (pickAny(others, draw) ?? pt)));
}

function attach(view: View, cdev: BoundCdev, ptId: Handle): UapiCall {
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
  make: (view, draw) =>
    wantsPasid(view, draw)
      ? detachPasid(view, draw)
      : call(view, 'vfioDetach', { fd: fdHandle(view, pick(view.bound, draw).fd) }),
};

/** How devices come onto page tables and off them. */
export const ATTACH_MOVES = { vfioAttach, vfioDetach } as const satisfies Readonly<Record<string, Move>>;
