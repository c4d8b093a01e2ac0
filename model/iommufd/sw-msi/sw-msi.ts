import type { Errno } from '../../../spec/errno.ts';
import { itsOf } from '../../platform/doorbell.ts';
import { contextAt, deviceAt, putContext, type Tx } from '../../world/tx.ts';
import type { IommufdGroup, MsiMap } from '../context.ts';
import { driverOfDevice } from '../drivers/registry.ts';
import { ascending, igroupOf, putIgroup } from '../group.ts';
import { firstOverlap } from '../interval.ts';
import { getObject, mustGet, putObject } from '../object-table.ts';
import type { HwptPaging } from '../objects.ts';
import { nextPage, pageFor } from './pages.ts';
import { placeOfMap } from './place.ts';

/** Doorbells that one context can have pages for. */
const MAX_MAPS = 64;

/**
 * iommufd_sw_msi() (rule R-48): gives a doorbell a page and maps it into the paging domain under the group's current
 * one. Gives the input address of that page; null where there is none: nothing attached, no window, or not the kernel's
 * business.
 */
export function swMsi(tx: Tx, ctx: number, device: number, doorbell: bigint): bigint | null | Errno {
  const map = lookUp(tx, ctx, device, doorbell);
  return map === null || typeof map === 'string' ? map : putIn(tx, ctx, device, map);
}

/** The page that a doorbell has or would get. Changes nothing. */
export function lookUp(tx: Tx, ctx: number, device: number, wanted: bigint): MsiMap | null | Errno {
  const its = itsOf(tx.world.platform, device);
  if (its.untranslated === true) return null;
  // Where one place was told, the first of the ITS's doorbells is there for all vectors.
  const isTold = tx.rules.msi.doorbellPlace === 'told';
  const doorbell = isTold ? its.doorbell : wanted;
  const igroup = igroupOf(tx, ctx, groupOf(tx, device));
  const start = startFor(tx, ctx, igroup, device);
  if (start === null || typeof start === 'string') return start;
  const { msiMaps } = contextAt(tx, ctx);
  const list = msiMaps.filter((m) => m.swMsiStart === start);
  const old = pageFor(list, doorbell);
  if (old !== undefined) return old;
  if (msiMaps.length >= MAX_MAPS) return 'EOVERFLOW';
  if (isTold) return { swMsiStart: start, doorbell, pgoff: 0 };
  const map: MsiMap = { swMsiStart: start, doorbell, pgoff: nextPage(list) };
  return isBeyondWindow(tx, device, map) && tx.rules.msi.windowIsEnforced ? 'EOVERFLOW' : map;
}

/** Where pages for the doorbells of a device's group begin. */
function startFor(tx: Tx, ctx: number, { attach, swMsiStart }: IommufdGroup, device: number) {
  switch (tx.rules.msi.doorbellPlace) {
    case 'window':
      return attach === null || isWithoutCookie(tx, ctx, attach.hwpt) ? null : swMsiStart;
    case 'cookie': {
      if (attach === null) return null;
      return mustGet(tx, ctx, pagingUnder(tx, ctx, attach.hwpt), 'hwptPaging').msiCookie ?? 'EINVAL';
    }
    case 'told':
      return attach === null ? null : (deviceAt(tx, device).told?.ipa ?? 'EINVAL');
    default:
      return null;
  }
}

function isWithoutCookie(tx: Tx, ctx: number, hwptId: number): boolean {
  if (tx.rules.msi.automaticHwptHasDoorbells) return false;
  return mustGet(tx, ctx, pagingUnder(tx, ctx, hwptId), 'hwptPaging').autoDomain;
}

function isBeyondWindow(tx: Tx, device: number, map: MsiMap): boolean {
  const { platform } = tx.world;
  const window = driverOfDevice(platform, device)
    .reservedRegions(platform, device)
    .find(({ swMsi }) => swMsi);
  if (window?.start !== map.swMsiStart) return false;
  const { pageSize } = platform.kernel;
  return placeOfMap(map, pageSize) + pageSize - 1n > window.last;
}

/** Puts a doorbell's page into the list, where it is not there yet, and maps it for the device's group. */
export function putIn(tx: Tx, ctx: number, device: number, map: MsiMap): bigint | Errno {
  const igroup = igroupOf(tx, ctx, groupOf(tx, device));
  const context = contextAt(tx, ctx);
  let id = context.msiMaps.findIndex(
    (m) => m.swMsiStart === map.swMsiStart && m.doorbell === map.doorbell && m.pgoff === map.pgoff,
  );
  if (id < 0) {
    id = context.msiMaps.length;
    putContext(tx, ctx, { ...context, msiMaps: [...context.msiMaps, map] });
  }
  if (igroup.attach !== null && tx.rules.msi.doorbellGoesToCurrentDomain) {
    const errno = installPage(tx, ctx, pagingUnder(tx, ctx, igroup.attach.hwpt), id);
    if (errno !== null) return errno;
  }
  if (!igroup.requiredMsi.includes(id))
    putIgroup(tx, ctx, { ...igroup, requiredMsi: ascending([...igroup.requiredMsi, id]) });
  return placeOfMap(map, tx.world.platform.kernel.pageSize);
}

/** Maps every page that the group needs into a domain that it is about to be attached to. */
export function setupGroupMsi(tx: Tx, ctx: number, igroup: IommufdGroup, paging: number): Errno | null {
  for (const id of igroup.requiredMsi) {
    const errno = installPage(tx, ctx, paging, id);
    if (errno !== null) return errno;
  }
  return null;
}

/** iommu_map() of a page: EEXIST where user memory or another doorbell is. */
function installPage(tx: Tx, ctx: number, paging: number, id: number): Errno | null {
  const hwpt = mustGet(tx, ctx, paging, 'hwptPaging');
  if (hwpt.msiPages.includes(id)) return null;
  const { pageSize } = tx.world.platform.kernel;
  const { msiMaps } = contextAt(tx, ctx);
  const place = placeOfMap(msiMaps[id] as MsiMap, pageSize);
  const { areas } = mustGet(tx, ctx, hwpt.ioas, 'ioas').iopt;
  if (firstOverlap(areas, place, place + pageSize - 1n) !== undefined) return 'EEXIST';
  if (hwpt.msiPages.some((at) => isAt(msiMaps[at], place, pageSize)) && tx.rules.msi.doorbellListIsLocked)
    return 'EEXIST';
  const msiPages = ascending([...hwpt.msiPages, id]);
  putObject(tx, ctx, paging, { ...hwpt, msiPages } satisfies HwptPaging);
  return null;
}

function isAt(map: MsiMap | undefined, place: bigint, pageSize: bigint): boolean {
  return map !== undefined && placeOfMap(map, pageSize) === place;
}

/** The paging HWPT that DMA through an HWPT ends in: itself, or a nested one's parent. */
export function pagingUnder(tx: Tx, ctx: number, hwptId: number): number {
  const hwpt = getObject(tx, ctx, hwptId);
  return hwpt?.type === 'hwptNested' ? hwpt.parent : hwptId;
}

function groupOf(tx: Tx, device: number): number {
  return (tx.world.platform.devices[device] as { readonly group: number }).group;
}
