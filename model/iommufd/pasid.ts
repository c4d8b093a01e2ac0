import type { Errno } from '../../spec/errno.ts';
import type { PasidDomain } from '../host/device.ts';
import { isHeld } from '../host/reset.ts';
import { deviceAt, groupAt, putDevice, putGroup, type Tx } from '../world/tx.ts';
import { attachPageTable, putHwpt } from './auto-domain.ts';
import type { PasidAttachment } from './context.ts';
import type { Domain } from './drivers/driver.ts';
import { driverFor, driverOfDevice } from './drivers/registry.ts';
import { leaveHwpt } from './faults/answer.ts';
import { ascending, devicesOfGroup, groupNumber, igroupOf, putIgroup } from './group.ts';
import { addUsers, getObject, mustGet } from './object-table.ts';
import { pasidCompat } from './pasid-compat.ts';
import { pagingUnder } from './sw-msi/sw-msi.ts';

/**
 * iommufd_device_attach() and iommufd_device_replace() of a PASID (rules ). As without one, but
 * that no ranges are reserved and no doorbells mapped: interrupts are requests without PASID. Gives the HWPT's id.
 */
export function attachPasid(tx: Tx, ctx: number, devId: number, pasid: number, pt: number): number | Errno {
  const previous = pasidAttachmentOf(tx, ctx, devId, pasid)?.hwpt ?? null;
  const attachTo = (_: Tx, _ctx: number, _devId: number, hwptId: number): Errno | null =>
    previous === null
      ? attachHwpt(tx, ctx, devId, pasid, hwptId)
      : replaceHwpt(tx, ctx, devId, pasid, hwptId);
  // Automatic HWPTs are made without IOMMU_HWPT_ALLOC_PASID, so that an IOAS is found to be EINVAL every time.
  const hwptId = attachPageTable(tx, ctx, devId, pt, attachTo, previous === null);
  if (typeof hwptId === 'string') return hwptId;
  if (previous === null) addUsers(tx, ctx, devId, 1);
  else if (previous !== hwptId) putHwpt(tx, ctx, previous);
  return hwptId;
}

/** iommufd_device_detach() of a PASID that is attached: with the group's last device it goes back to being blocked. */
export function detachPasid(tx: Tx, ctx: number, devId: number, pasid: number): void {
  const group = groupNumber(tx, mustGet(tx, ctx, devId, 'device').device);
  const igroup = igroupOf(tx, ctx, group);
  const attachment = igroup.pasids.find((each) => each.pasid === pasid);
  if (attachment === undefined || !attachment.devices.includes(devId)) return;
  const devices = attachment.devices.filter((id) => id !== devId);
  const others = igroup.pasids.filter((each) => each !== attachment);
  putIgroup(tx, ctx, {
    ...igroup,
    pasids: devices.length === 0 ? others : byPasid([...others, { ...attachment, devices }]),
  });
  if (devices.length === 0) {
    removeGroupPasid(tx, group, pasid);
    leaveHwpt(tx, ctx, attachment.hwpt, devicesOfGroup(tx, group), true, pasid);
  }
  if (tx.rules.iommufd.detachReturnsReference) putHwpt(tx, ctx, attachment.hwpt);
  addUsers(tx, ctx, devId, -1);
}

/** The attachment of a PASID of the device's group, where the device itself has attached it. */
function pasidAttachmentOf(tx: Tx, ctx: number, devId: number, pasid: number): PasidAttachment | null {
  const group = groupNumber(tx, mustGet(tx, ctx, devId, 'device').device);
  const found = igroupOf(tx, ctx, group).pasids.find((each) => each.pasid === pasid);
  return found?.devices.includes(devId) === true ? found : null;
}

/** The first device of a group to attach a PASID takes the group along; the others name the same HWPT. */
function attachHwpt(tx: Tx, ctx: number, devId: number, pasid: number, hwptId: number): Errno | null {
  const group = groupNumber(tx, mustGet(tx, ctx, devId, 'device').device);
  const igroup = igroupOf(tx, ctx, group);
  const attachment = igroup.pasids.find((each) => each.pasid === pasid);
  if (attachment !== undefined && attachment.hwpt !== hwptId) return 'EINVAL';
  if (attachment === undefined) {
    const errno = pasidCompat(tx, ctx, group, hwptId) ?? attachGroup(tx, ctx, devId, pasid, hwptId);
    if (errno !== null) return errno;
  }
  const devices = ascending([...(attachment?.devices ?? []), devId]);
  const others = igroup.pasids.filter((each) => each !== attachment);
  putIgroup(tx, ctx, { ...igroup, pasids: byPasid([...others, { pasid, hwpt: hwptId, devices }]) });
  addUsers(tx, ctx, hwptId, 1);
  return null;
}

function replaceHwpt(tx: Tx, ctx: number, devId: number, pasid: number, hwptId: number): Errno | null {
  const { device } = mustGet(tx, ctx, devId, 'device');
  const group = groupNumber(tx, device);
  const igroup = igroupOf(tx, ctx, group);
  const attachment = igroup.pasids.find((each) => each.pasid === pasid) as PasidAttachment;
  if (attachment.hwpt === hwptId) return null;
  const errno =
    pasidCompat(tx, ctx, group, hwptId) ??
    corePermits(tx, ctx, device, hwptId) ??
    (isHeld(tx, group) ? 'EBUSY' : null) ??
    setGroupPasid(tx, ctx, group, pasid, hwptId);
  if (errno !== null) return errno;
  leaveHwpt(tx, ctx, attachment.hwpt, devicesOfGroup(tx, group), true, pasid);
  const pasids = igroup.pasids.map((each) => (each === attachment ? { ...attachment, hwpt: hwptId } : each));
  putIgroup(tx, ctx, { ...igroup, pasids });
  addUsers(tx, ctx, hwptId, attachment.devices.length);
  // The caller gives back the last of the old one's references.
  if (attachment.devices.length > 1) addUsers(tx, ctx, attachment.hwpt, 1 - attachment.devices.length);
  return null;
}

/** iommu_attach_device_pasid() (rule R-41). */
function attachGroup(tx: Tx, ctx: number, devId: number, pasid: number, hwptId: number): Errno | null {
  const { platform } = tx.world;
  const { device } = mustGet(tx, ctx, devId, 'device');
  const group = groupNumber(tx, device);
  const errno = corePermits(tx, ctx, device, hwptId);
  if (errno !== null) return errno;
  if (pasid === 0) return 'EINVAL';
  if (isHeld(tx, group)) return 'EBUSY';
  for (const member of devicesOfGroup(tx, group)) {
    const max = driverOfDevice(platform, member).maxPasids(platform, member);
    // A device without PASIDs never makes a request with one, so it does not matter.
    if ((max > 0 || tx.rules.iommufd.pasidAsksEveryDevice) && pasid >= max) return 'EINVAL';
  }
  if (groupAt(tx, group).pasids.some((each) => each.pasid === pasid)) return 'EBUSY';
  return setGroupPasid(tx, ctx, group, pasid, hwptId);
}

/** What the core asks of the domain before it asks the driver. */
function corePermits(tx: Tx, ctx: number, device: number, hwptId: number): Errno | null {
  const { platform } = tx.world;
  const domain = domainOf(tx, ctx, hwptId);
  const driver = driverOfDevice(platform, device);
  const owner = driverFor(platform, domain.iommu);
  if (!owner.hasPasidAttach(domain) || !driver.removesPasids) return 'EOPNOTSUPP';
  return owner === driver ? null : 'EINVAL';
}

/** __iommu_set_group_pasid(): every member in turn; where one refuses, those before it go back to what they had. */
function setGroupPasid(tx: Tx, ctx: number, group: number, pasid: number, hwptId: number): Errno | null {
  const { platform } = tx.world;
  const before = tx.world;
  const domain = domainOf(tx, ctx, hwptId);
  const paging = mustGet(tx, ctx, pagingUnder(tx, ctx, hwptId), 'hwptPaging').domain;
  const { domain: current } = groupAt(tx, group);
  const rid = current.kind === 'hwpt' ? domainOf(tx, current.ctx, current.hwpt) : null;
  const entry: PasidDomain = { pasid, ctx, hwpt: hwptId };
  const accepted: number[] = [];
  for (const device of pasidDevices(tx, group)) {
    const driver = driverOfDevice(platform, device);
    const errno = driver.attachPasid(platform, device, domain, paging, rid, tx.rules);
    if (errno === null) {
      installEntry(tx, device, pasid, entry);
      accepted.push(device);
      continue;
    }
    for (const each of accepted) tx.undone.push({ kind: 'pasidSet', device: each, pasid });
    if (tx.rules.iommufd.failedGroupPasidIsUndone) {
      tx.world = before;
      for (const each of tx.rules.iommufd.pasidTakenBack(accepted, device))
        tx.undone.push({ kind: 'pasidRemoved', device: each, pasid });
    } else tx.keep = true;
    return errno;
  }
  putGroupPasid(tx, group, pasid, entry);
  return null;
}

/** Takes a PASID of a group away from every member. */
function removeGroupPasid(tx: Tx, group: number, pasid: number): void {
  for (const device of pasidDevices(tx, group)) installEntry(tx, device, pasid, null);
  putGroupPasid(tx, group, pasid, null);
}

/** The members that can make requests with a PASID at all. */
function pasidDevices(tx: Tx, group: number): readonly number[] {
  const { platform } = tx.world;
  return devicesOfGroup(tx, group).filter(
    (device) => driverOfDevice(platform, device).maxPasids(platform, device) > 0,
  );
}

function installEntry(tx: Tx, device: number, pasid: number, entry: PasidDomain | null): void {
  const state = deviceAt(tx, device);
  putDevice(tx, device, { ...state, pasidTable: withPasid(state.pasidTable, pasid, entry) });
}

function putGroupPasid(tx: Tx, group: number, pasid: number, entry: PasidDomain | null): void {
  const state = groupAt(tx, group);
  putGroup(tx, group, { ...state, pasids: withPasid(state.pasids, pasid, entry) });
}

function withPasid(
  list: readonly PasidDomain[],
  pasid: number,
  entry: PasidDomain | null,
): readonly PasidDomain[] {
  const others = list.filter((each) => each.pasid !== pasid);
  return entry === null ? others : byPasid([...others, entry]);
}

function domainOf(tx: Tx, ctx: number, hwptId: number): Domain {
  const hwpt = getObject(tx, ctx, hwptId);
  if (hwpt?.type === 'hwptPaging' || hwpt?.type === 'hwptNested') return hwpt.domain;
  throw new Error(`object ${hwptId} is no HWPT: the table is corrupt`);
}

function byPasid<T extends { readonly pasid: number }>(list: readonly T[]): readonly T[] {
  return [...list].sort((a, b) => a.pasid - b.pasid);
}
