import type { Errno } from '../../spec/errno.ts';
import {
  BLOCKED_DOMAIN,
  DEFAULT_DOMAIN,
  type GroupDomain,
  type Vmaster,
  withDomain,
  withVmaster,
} from '../host/device.ts';
import { isHeld } from '../host/reset.ts';
import { deviceAt, groupAt, putDevice, putGroup, type Tx } from '../world/tx.ts';
import { type AttachTo, attachPageTable, putHwpt } from './auto-domain.ts';
import type { IommufdGroup } from './context.ts';
import { withIopt } from './copy.ts';
import type { IommuDriver } from './drivers/driver.ts';
import { driverOfDevice } from './drivers/registry.ts';
import { faultOf, leaveHwpt } from './faults/answer.ts';
import { ascending, devicesOfGroup, groupNumber, igroupOf, putIgroup, withAttach } from './group.ts';
import { reserve, unreserve } from './iopt/reserved.ts';
import { addUsers, getObject, mustGet, putObject } from './object-table.ts';
import type { HwptNested, HwptPaging } from './objects.ts';
import { ridCompat } from './pasid-compat.ts';
import { nestedMsiErrno } from './sw-msi/domain-check.ts';
import { pagingUnder, setupGroupMsi } from './sw-msi/sw-msi.ts';
import { virtIdOf } from './viommu.ts';

/**
 * iommufd_device_attach() and iommufd_device_replace() (rules ). Gives the id of the HWPT
 * that the device is on: `pt` itself, or the automatic one when `pt` is an IOAS.
 */
export function attachDevice(tx: Tx, ctx: number, devId: number, pt: number): number | Errno {
  const replaces = isAttached(tx, ctx, devId);
  const attachTo: AttachTo = replaces ? replaceHwpt : attachHwpt;
  const previous = replaces ? attachmentOf(tx, ctx, devId) : null;
  const hwptId = attachPageTable(tx, ctx, devId, pt, attachTo, !replaces);
  if (typeof hwptId === 'string') return hwptId;
  if (previous !== null && previous !== hwptId) putHwpt(tx, ctx, previous);
  if (!replaces) addUsers(tx, ctx, devId, 1);
  return hwptId;
}

/** iommufd_device_attach() of a device that is attached: EBUSY, once there is something to attach it to. */
export function attachTwice(tx: Tx, ctx: number, devId: number, pt: number): number | Errno {
  return attachPageTable(tx, ctx, devId, pt, () => 'EBUSY', true);
}

/** iommufd_device_detach() (rule R-43). */
export function detachDevice(tx: Tx, ctx: number, devId: number): void {
  const device = mustGet(tx, ctx, devId, 'device');
  const group = groupNumber(tx, device.device);
  const hwptId = detachHwpt(tx, ctx, devId, group);
  if (tx.rules.iommufd.detachReturnsReference) putHwpt(tx, ctx, hwptId);
  addUsers(tx, ctx, devId, -1);
}

export function isAttached(tx: Tx, ctx: number, devId: number): boolean {
  const device = mustGet(tx, ctx, devId, 'device');
  return igroupOf(tx, ctx, groupNumber(tx, device.device)).attach?.devices.includes(devId) ?? false;
}

/** iommufd_hw_pagetable_attach(): the group's first device takes the group along, the others must follow it. */
function attachHwpt(tx: Tx, ctx: number, devId: number, hwptId: number): Errno | null {
  const device = mustGet(tx, ctx, devId, 'device');
  const group = groupNumber(tx, device.device);
  const { attach } = igroupOf(tx, ctx, group);
  if (attach !== null && attach.hwpt !== hwptId && tx.rules.iommufd.groupSharesHwpt) return 'EINVAL';
  const paging = pagingUnder(tx, ctx, hwptId);
  const before = tx.world;
  let errno =
    nestedMsiErrno(tx, ctx, paging, device.device) ?? reserveRegions(tx, ctx, paging, device.device);
  if (errno === null && attach === null) {
    noteMsiWindow(tx, ctx, group, device.device);
    errno = setupGroupMsi(tx, ctx, igroupOf(tx, ctx, group), paging);
  }
  if (errno === null && attach === null) {
    // __iommu_attach_group(): whoever attaches first must find the group on a domain of the kernel's own.
    errno =
      ridCompat(tx, ctx, group, hwptId) ??
      (groupAt(tx, group).domain.kind === 'hwpt' ? 'EBUSY' : setGroupDomain(tx, ctx, group, hwptId));
  }
  if (errno !== null) {
    tx.world = before;
    return errno;
  }
  const igroup = igroupOf(tx, ctx, group);
  const devices = ascending([...(attach?.devices ?? []), devId]);
  const on = attach?.hwpt ?? hwptId;
  putIgroup(tx, ctx, withAttach(igroup, { hwpt: on, devices }));
  addUsers(tx, ctx, on, 1);
  if (attach === null && tx.rules.iommufd.attachListsHwpt) listHwpt(tx, ctx, paging);
  return null;
}

function listHwpt(tx: Tx, ctx: number, id: number): void {
  const { ioas } = mustGet(tx, ctx, id, 'hwptPaging');
  const space = mustGet(tx, ctx, ioas, 'ioas');
  putObject(tx, ctx, ioas, withIopt(space, space.iopt, [...space.hwpts, id]));
}

/** iommufd_device_do_replace(): the whole group moves at once, or nothing changes. */
function replaceHwpt(tx: Tx, ctx: number, devId: number, hwptId: number): Errno | null {
  const device = mustGet(tx, ctx, devId, 'device');
  const group = groupNumber(tx, device.device);
  const igroup = igroupOf(tx, ctx, group);
  const attach = igroup.attach as NonNullable<IommufdGroup['attach']>;
  if (attach.hwpt === hwptId) return null;
  const before = tx.world;
  const oldIoas = ioasUnder(tx, ctx, attach.hwpt);
  const paging = pagingUnder(tx, ctx, hwptId);
  const newIoas = ioasUnder(tx, ctx, hwptId);
  const hardware = attach.devices.map((id) => mustGet(tx, ctx, id, 'device').device);
  const unsuited = nestedMsiErrno(tx, ctx, paging, device.device);
  if (unsuited !== null) return unsuited;
  if (newIoas !== oldIoas) {
    for (const each of hardware) {
      const errno = reserveRegions(tx, ctx, paging, each);
      if (errno !== null) {
        tx.world = before;
        return errno;
      }
    }
  }
  // Before the switch, so that no MSI is lost between the two.
  const errno =
    (tx.rules.msi.replaceKeepsDoorbells ? setupGroupMsi(tx, ctx, igroup, paging) : null) ??
    ridCompat(tx, ctx, group, hwptId) ??
    setGroupDomain(tx, ctx, group, hwptId);
  if (errno !== null) return undoReplace(tx, before, ctx, oldIoas, paging, hardware, errno);
  const left = tx.rules.pageRequests.replaceAnswersGroupsOf === 'old' ? attach.hwpt : hwptId;
  leaveHwpt(tx, ctx, left, hardware, faultOf(tx, ctx, hwptId) !== null);
  if (newIoas !== oldIoas) for (const each of hardware) unreserveRegions(tx, ctx, oldIoas, each);
  putIgroup(tx, ctx, withAttach(igroupOf(tx, ctx, group), { hwpt: hwptId, devices: attach.devices }));
  addUsers(tx, ctx, hwptId, attach.devices.length);
  // The caller gives back the last of the old one's references, once everything else is done.
  if (attach.devices.length > 1) addUsers(tx, ctx, attach.hwpt, 1 - attach.devices.length);
  return null;
}

/**
 * A replace that failed leaves everything as it was. Where the rules say that it also drops reserved ranges which it
 * never added, or others than those that it added, that much is kept.
 */
function undoReplace(
  tx: Tx,
  before: Tx['world'],
  ctx: number,
  oldIoas: number,
  paging: number,
  hardware: readonly number[],
  errno: Errno,
): Errno {
  tx.world = before;
  const sameIoas = mustGet(tx, ctx, paging, 'hwptPaging').ioas === oldIoas;
  const dropsOld = sameIoas
    ? tx.rules.iommufd.failedReplaceUnreserves
    : tx.rules.iommufd.failedReplaceUnreservesFrom === 'old';
  if (!dropsOld) return errno;
  for (const device of hardware) {
    if (!sameIoas) reserveRegions(tx, ctx, paging, device);
    unreserveRegions(tx, ctx, oldIoas, device);
  }
  tx.keep = true;
  return errno;
}

function detachHwpt(tx: Tx, ctx: number, devId: number, group: number): number {
  const device = mustGet(tx, ctx, devId, 'device');
  const igroup = igroupOf(tx, ctx, group);
  const attach = igroup.attach as NonNullable<IommufdGroup['attach']>;
  const devices = attach.devices.filter((id) => id !== devId);
  if (devices.length === 0) {
    applyDomain(tx, group, tx.rules.iommufd.detachBlocks ? BLOCKED_DOMAIN : DEFAULT_DOMAIN, () => null);
    leaveHwpt(tx, ctx, attach.hwpt, devicesOfGroup(tx, group), false);
    putIgroup(tx, ctx, withAttach(igroup, null));
  } else {
    putIgroup(tx, ctx, withAttach(igroup, { hwpt: attach.hwpt, devices }));
  }
  unreserveRegions(tx, ctx, ioasUnder(tx, ctx, attach.hwpt), device.device);
  return attach.hwpt;
}

/** Every device of the IOMMU group, bound or not, moves to the domain; the first refusal stops it. */
function setGroupDomain(tx: Tx, ctx: number, group: number, hwptId: number): Errno | null {
  if (isHeld(tx, group)) return 'EBUSY';
  const hwpt = getObject(tx, ctx, hwptId) as HwptPaging | HwptNested;
  const { platform } = tx.world;
  const paging = mustGet(tx, ctx, pagingUnder(tx, ctx, hwptId), 'hwptPaging').domain;
  const viommu = hwpt.type === 'hwptNested' ? hwpt.viommu : null;
  const vmasters = new Map<number, Vmaster>();
  const accepted: number[] = [];
  for (const device of devicesOfGroup(tx, group)) {
    const vsid = viommu === null ? null : virtIdOf(tx, ctx, viommu, device);
    const driver = driverOfDevice(platform, device);
    const pasidsInUse = deviceAt(tx, device).pasidTable.length > 0;
    const errno = driver.attach(platform, device, hwpt.domain, paging, vsid, pasidsInUse, tx.rules);
    if (errno !== null) {
      if (hwpt.type === 'hwptNested') noteBlocked(tx, group, device, driver);
      moveBack(tx, group, hwptId, accepted, device);
      return errno;
    }
    accepted.push(device);
    if (viommu !== null && vsid !== null) vmasters.set(device, { ctx, viommu, vsid });
  }
  applyDomain(tx, group, { kind: 'hwpt', ctx, hwpt: hwptId }, (device) => vmasters.get(device) ?? null);
  return null;
}

/** __iommu_group_set_domain_internal(): the devices that the driver moved before it refused one go back. */
function moveBack(
  tx: Tx,
  group: number,
  hwptId: number,
  accepted: readonly number[],
  refusedDevice: number,
): void {
  const { domain } = groupAt(tx, group);
  const old = domain.kind === 'hwpt' ? domain.hwpt : null;
  for (const device of accepted) tx.undone.push({ kind: 'moved', device, from: old, to: hwptId });
  for (const device of tx.rules.iommufd.movedBack(accepted, refusedDevice))
    tx.undone.push({ kind: 'moved', device, from: hwptId, to: old });
}

/**
 * A driver that takes the old domain away before it looks at the new one: the core puts the old one back, but for a while
 * there was none (F-11). All that is left to see of it is the effect.
 */
function noteBlocked(tx: Tx, group: number, device: number, driver: IommuDriver): void {
  const before = groupAt(tx, group).domain.kind;
  if (before !== 'hwpt' || driver.legacyNesting === null || !tx.rules.vtd.failedNestedAttachBlocks) return;
  tx.undone.push({ kind: 'translationBlocked', device });
}

function applyDomain(
  tx: Tx,
  group: number,
  domain: GroupDomain,
  vmasterOf: (device: number) => Vmaster | null,
): void {
  for (const device of devicesOfGroup(tx, group)) {
    putDevice(tx, device, withVmaster(deviceAt(tx, device), vmasterOf(device)));
  }
  putGroup(tx, group, withDomain(groupAt(tx, group), domain));
}

/** The device's reserved ranges leave the IOVA space, all or none (rule R-14). */
function reserveRegions(tx: Tx, ctx: number, paging: number, device: number): Errno | null {
  const ioasId = mustGet(tx, ctx, paging, 'hwptPaging').ioas;
  const ioas = mustGet(tx, ctx, ioasId, 'ioas');
  let { iopt } = ioas;
  for (const region of driverOfDevice(tx.world.platform, device).reservedRegions(tx.world.platform, device)) {
    if (region.swMsi && !keepsWindow(tx)) continue;
    const next = reserve(iopt, region.start, region.last, `device:${device}`, tx.rules);
    if (typeof next === 'string') return next;
    iopt = next;
  }
  putObject(tx, ctx, ioasId, withIopt(ioas, iopt));
  return null;
}

function unreserveRegions(tx: Tx, ctx: number, ioasId: number, device: number): void {
  const ioas = mustGet(tx, ctx, ioasId, 'ioas');
  const iopt = unreserve(ioas.iopt, `device:${device}`);
  if (iopt !== ioas.iopt) putObject(tx, ctx, ioasId, withIopt(ioas, iopt));
}

/** Whether the kernel keeps the MSI window for itself. */
function keepsWindow({ rules }: Tx): boolean {
  return rules.msi.doorbellPlace === 'window' && rules.msi.windowIsReserved;
}

function noteMsiWindow(tx: Tx, ctx: number, group: number, device: number): void {
  if (tx.rules.msi.doorbellPlace !== 'window') return;
  const { platform } = tx.world;
  const window = driverOfDevice(platform, device)
    .reservedRegions(platform, device)
    .find((region) => region.swMsi);
  const igroup = igroupOf(tx, ctx, group);
  if (window !== undefined && igroup.swMsiStart === null)
    putIgroup(tx, ctx, { ...igroup, swMsiStart: window.start });
}

function ioasUnder(tx: Tx, ctx: number, hwptId: number): number {
  return mustGet(tx, ctx, pagingUnder(tx, ctx, hwptId), 'hwptPaging').ioas;
}

function attachmentOf(tx: Tx, ctx: number, devId: number): number | null {
  const device = mustGet(tx, ctx, devId, 'device');
  return igroupOf(tx, ctx, groupNumber(tx, device.device)).attach?.hwpt ?? null;
}
