import type { Call } from '../../model/call.ts';
import type { Area } from '../../model/iommufd/iopt/table.ts';
import type { IommuHardware } from '../../model/platform/platform.ts';
import { vtdFeaturesOf } from '../../model/platform/vtd-features.ts';
import type { Words } from '../../model/world/command.ts';
import { tracksWrites } from '../../properties/platforms.ts';
import { HWPT_ALLOC, HWPT_DATA, HWPT_VTD_S1 } from '../../spec/iommufd/constants.ts';
import { type Draw, oneIn, pick, pickAny } from './choice.ts';
import { drawIpa, drawVa, RAM_IPA, writePte } from './guest.ts';
import { isRamMapped, mapMany, mapRam, unmapRam } from './guest-work.ts';
import { call, type UapiName } from './move.ts';
import { MOVES } from './moves.ts';
import { attachPasid, detachPasid, drawPasid } from './pasid.ts';
import { PAGE } from './values.ts';
import { fdHandle, hardwareOf, type Objects, objectAt, objectHandle, type View } from './view.ts';
import { dirtyWork } from './vtd-dirty.ts';
import { dueIn, invalidate, invalidatePages } from './vtd-invalidate.ts';

const { DIRTY_TRACKING, NEST_PARENT, PASID } = HWPT_ALLOC;

/** Bytes of struct iommu_hwpt_vtd_s1. */
const STAGE1_BYTES = 24;

/**
 * A step towards a guest whose tables a VT-d unit walks, and of what goes on once there is one. Null: something else, from
 * the general moves.
 */
export function vtdWork(view: View, draw: Draw): Call | null {
  const { here } = view;
  if (oneIn(40, draw)) return rescan(view, draw);
  if (here === null || here.fd === null) return oneIn(6, draw) ? null : MOVES.openIommufd.make(view, draw);
  const next = oneIn(12, draw) ? null : prepare(view, here, draw);
  const about = next === null && tracksWrites(view.world.platform) ? dirtyWork(view, here, draw) : null;
  if (about !== null) return about;
  if (next !== null) return next;
  return oneIn(8, draw) ? null : run(view, here, draw);
}

/** The next of the things that a guest needs before its devices can do anything. */
function prepare(view: View, here: Objects, draw: Draw): Call | null {
  if (view.bound.length === 0) return make(view.cdevs.length === 0 ? 'openCdev' : 'vfioBind', view, draw);
  if (here.ioases.length === 0) return make('ioasAlloc', view, draw);
  const unmapped = here.ioases.find((id) => !isRamMapped(here, id));
  if (unmapped !== undefined && !oneIn(4, draw)) return mapRam(view, here, unmapped, draw);
  if (here.parents.length === 0) {
    if (nestingDevices(view, here).length === 0 && !oneIn(4, draw))
      return make(view.cdevs.length === view.bound.length ? 'openCdev' : 'vfioBind', view, draw);
    const unfit = here.ioases.find((id) => hasReadOnly(here, id));
    if (unfit !== undefined && !oneIn(4, draw)) return unmapReadOnly(view, here, unfit);
    return allocPaging(view, here, NEST_PARENT | trackingOn(view, draw), draw);
  }
  if (here.nesteds.length === 0) return allocNested(view, here, draw);
  const attached = view.bound.some(({ device }) => isAttached(view, device));
  return attached ? null : attach(view, here, draw);
}

/** No nesting parent can be made there. */
function hasReadOnly(here: Objects, ioas: number): boolean {
  return objectAt(here, ioas, 'ioas').iopt.areas.some(({ writeable }) => !writeable);
}

function unmapReadOnly(view: View, here: Objects, ioas: number): Call {
  const { areas } = objectAt(here, ioas, 'ioas').iopt;
  const { start, last } = areas.find(({ writeable }) => !writeable) as Area;
  return call(view, 'ioasUnmap', {
    fd: fdHandle(view, here.fd as number),
    ioasId: objectHandle(view, here, ioas),
    iova: start,
    length: last - start + 1n,
  });
}

/** Devices behind units that nest. */
function nestingDevices({ world }: View, here: Objects): readonly number[] {
  const { platform } = world;
  return here.devices.filter((id) => {
    const { iommu } = platform.devices[objectAt(here, id, 'device').device] as { iommu: number };
    return vtdFeaturesOf(platform.iommus[iommu] as IommuHardware).nesting;
  });
}

function isAttached(view: View, device: number): boolean {
  const { group } = view.world.platform.devices[device] as { group: number };
  const state = view.world.groups[group];
  return state?.domain.kind === 'hwpt' || (state?.pasids.length ?? 0) > 0;
}

function run(view: View, here: Objects, draw: Draw): Call | null {
  const due = oneIn(3, draw) ? pickAny(dueIn(view, here), draw) : undefined;
  if (due !== undefined) return invalidatePages(view, here, due, draw);
  switch (draw(35)) {
    case 0:
    case 1:
      return here.ioases.length === 0 ? null : mapSome(view, here, pick(here.ioases, draw), draw);
    case 2:
    case 3:
      return here.ioases.length === 0 ? null : unmapRam(view, here, draw);
    case 4:
    case 5:
      return make(view.cdevs.length === view.bound.length ? 'openCdev' : 'vfioBind', view, draw);
    case 6:
      return allocPaging(
        view,
        here,
        pick([0, NEST_PARENT, PASID, NEST_PARENT | PASID], draw) | trackingOn(view, draw),
        draw,
      );
    case 7:
    case 8:
      return allocNested(view, here, draw);
    case 9:
    case 10:
    case 11:
    case 12:
      return attach(view, here, draw);
    case 13:
    case 14:
      return make('vfioDetach', view, draw);
    case 15:
      return make(pick(['vfioDetach', 'ioasAllowIovas', 'ioasMap', 'ioasUnmap'], draw), view, draw);
    case 16:
      return view.bound.length === 0 ? null : detachPasid(view, draw);
    case 17:
    case 18:
    case 19:
      return invalidate(view, here, draw);
    case 20:
    case 21:
    case 22:
    case 23:
    case 24:
      return writePte(view, draw);
    default:
      return vtdDma(view, draw);
  }
}

/** A general move; null where it makes no sense now. */
function make(command: UapiName, view: View, draw: Draw): Call | null {
  const move = MOVES[command];
  return move.weight(view) === 0 ? null : move.make(view, draw);
}

const LARGE = 0x20_0000n;

/** The guest's RAM; or much of user memory at once, where a large page would do. */
function mapSome(view: View, here: Objects, ioas: number, draw: Draw): Call | null {
  const [memory] = view.world.platform.userMemory;
  if (memory === undefined || !oneIn(2, draw)) return mapRam(view, here, ioas, draw);
  if (oneIn(3, draw)) return mapMany(view, here, ioas, draw);
  const small = oneIn(2, draw);
  return call(view, 'ioasMap', {
    fd: fdHandle(view, here.fd as number),
    ioasId: objectHandle(view, here, ioas),
    flags: 7,
    iova: small ? LARGE + PAGE * BigInt(draw(2)) : LARGE,
    userVa: memory.start + (small ? PAGE * BigInt(draw(2)) : 0n),
    length: small ? PAGE * BigInt(1 + draw(2)) : LARGE,
  });
}

/** Devices to allocate an HWPT for; seldom one whose unit refuses. */
function suited(view: View, here: Objects, flags: number, draw: Draw): readonly number[] {
  const able = (flags & NEST_PARENT) === 0 || oneIn(12, draw) ? [] : nestingDevices(view, here);
  return able.length === 0 ? here.devices : able;
}

function allocPaging(view: View, here: Objects, flags: number, draw: Draw): Call | null {
  if (here.devices.length === 0 || here.ioases.length === 0) return null;
  return call(view, 'hwptAlloc', {
    fd: fdHandle(view, here.fd as number),
    devId: objectHandle(view, here, pick(suited(view, here, flags, draw), draw)),
    ptId: objectHandle(view, here, pick(here.ioases, draw)),
    ...(flags === 0 ? {} : { flags }),
  });
}

/** Where writes can be tracked, mostly so that they are. */
function trackingOn({ world }: View, draw: Draw): number {
  return tracksWrites(world.platform) && !oneIn(6, draw) ? DIRTY_TRACKING : 0;
}

/** A guest's table over a nesting parent, mostly one that the unit can walk. */
function allocNested(view: View, here: Objects, draw: Draw): Call | null {
  if (here.parents.length === 0 || here.devices.length === 0) return null;
  const pasid = oneIn(2, draw);
  return call(view, 'hwptAlloc', {
    fd: fdHandle(view, here.fd as number),
    devId: objectHandle(view, here, pick(suited(view, here, NEST_PARENT, draw), draw)),
    ptId: objectHandle(view, here, pick(oneIn(16, draw) ? here.pagings : here.parents, draw)),
    ...(pasid ? { flags: PASID } : {}),
    dataType: HWPT_DATA.VTD_S1,
    dataLen: STAGE1_BYTES,
    data: drawStage1(draw),
  });
}

function drawStage1(draw: Draw): Words {
  const flags = oneIn(12, draw) ? pick([HWPT_VTD_S1.SRE, HWPT_VTD_S1.EAFE, HWPT_VTD_S1.WPE], draw) : 0n;
  const table = oneIn(10, draw) ? drawIpa(draw) : RAM_IPA + BigInt(1 + draw(2)) * PAGE;
  return [flags, table, oneIn(10, draw) ? 57n : 48n];
}

/** To a nested HWPT mostly, with a PASID or without. */
function attach(view: View, here: Objects, draw: Draw): Call | null {
  const cdev = pickAny(view.bound, draw);
  if (cdev === undefined) return null;
  if (oneIn(2, draw) && (hardwareOf(view, cdev).pasidBits ?? 0) > 0) return attachPasid(view, draw);
  const scalable = hardwareOf(view, cdev).iommu === 0;
  const hwpts = scalable && !oneIn(3, draw) ? here.nesteds : [...here.pagings, ...here.ioases];
  const pt = pickAny(hwpts, draw);
  if (pt === undefined) return null;
  return call(view, 'vfioAttach', { fd: fdHandle(view, cdev.fd), ptId: objectHandle(view, here, pt) });
}

/** A device reads or writes, with a PASID that is attached or without. */
function vtdDma(view: View, draw: Draw): Call {
  const { devices, platform } = view.world;
  const attached = platform.devices.filter((_, index) => isAttached(view, index));
  const device = pick(attached.length === 0 || oneIn(8, draw) ? platform.devices : attached, draw);
  const table = devices[platform.devices.indexOf(device)]?.pasidTable ?? [];
  const known = oneIn(4, draw) ? undefined : pickAny(table, draw)?.pasid;
  const pasid = table.length > 0 ? (known ?? drawPasid(draw)) : oneIn(8, draw) ? drawPasid(draw) : null;
  const withPasid = pasid === null || oneIn(3, draw) ? {} : { ssv: true, ssid: pasid % 2 ** 20 };
  const translated = device.ats === true && oneIn(3, draw);
  const iova = oneIn(3, draw) ? drawIpa(draw) : drawVa(draw);
  const args = { iova, write: oneIn(2, draw), ...withPasid, translated };
  return { actor: `device:${device.id}`, command: 'dma', args };
}

function rescan(view: View, draw: Draw): Call {
  const { platform, groups } = view.world;
  const free = platform.devices.filter(({ group }) => groups[group]?.owner === null);
  const { id } = pick(free.length === 0 ? platform.devices : free, draw);
  return { actor: `device:${id}`, command: 'rescan', args: {} };
}
