import type { Errno } from '../../spec/errno.ts';
import type { IommufdGroup, MsiMap } from '../iommufd/context.ts';
import { ascending, igroupOf, putIgroup } from '../iommufd/group.ts';
import { getObject, mustGet, putObject } from '../iommufd/object-table.ts';
import type { HwptPaging } from '../iommufd/objects.ts';
import { contextAt, putContext, type Tx } from '../world/tx.ts';

/** Doorbells that one context can have pages for. */
const MAX_MAPS = 64;

/**
 * iommufd_sw_msi() (rule R-48): gives a doorbell a page in the group's MSI window and maps it into the paging
 * domain under the group's current one. Gives the IOVA that the device is to be programmed with; null leaves the
 * physical address (nothing attached, or no window).
 */
export function swMsi(tx: Tx, ctx: number, group: number, doorbell: bigint): bigint | null | Errno {
  const igroup = igroupOf(tx, ctx, group);
  if (igroup.attach === null || igroup.swMsiStart === null) return null;
  const map = mapFor(tx, ctx, igroup.swMsiStart, doorbell & ~(tx.world.platform.kernel.pageSize - 1n));
  if (map === null) return 'EOVERFLOW';
  installPage(tx, ctx, pagingUnder(tx, ctx, igroup.attach.hwpt), map.pgoff);
  if (!igroup.requiredMsi.includes(map.pgoff)) {
    putIgroup(tx, ctx, { ...igroup, requiredMsi: ascending([...igroup.requiredMsi, map.pgoff]) });
  }
  return igroup.swMsiStart + BigInt(map.pgoff) * tx.world.platform.kernel.pageSize;
}

function mapFor(tx: Tx, ctx: number, swMsiStart: bigint, doorbell: bigint): MsiMap | null {
  const context = contextAt(tx, ctx);
  const old = context.msiMaps.find((m) => m.swMsiStart === swMsiStart && m.doorbell === doorbell);
  if (old !== undefined) return old;
  const used = context.msiMaps.filter((m) => m.swMsiStart === swMsiStart).map((m) => m.pgoff);
  const pgoff = used.reduce((most, off) => Math.max(most, off + 1), 0);
  if (pgoff >= MAX_MAPS) return null;
  const map: MsiMap = { swMsiStart, doorbell, pgoff };
  putContext(tx, ctx, { ...context, msiMaps: [...context.msiMaps, map] });
  return map;
}

/** Maps every page that the group needs into a domain that it is about to be attached to. */
export function setupGroupMsi(tx: Tx, ctx: number, igroup: IommufdGroup, paging: number): void {
  for (const pgoff of igroup.requiredMsi) installPage(tx, ctx, paging, pgoff);
}

function installPage(tx: Tx, ctx: number, paging: number, pgoff: number): void {
  const hwpt = mustGet(tx, ctx, paging, 'hwptPaging');
  if (hwpt.msiPages.includes(pgoff)) return;
  const msiPages = ascending([...hwpt.msiPages, pgoff]);
  putObject(tx, ctx, paging, { ...hwpt, msiPages } satisfies HwptPaging);
}

/** The paging HWPT that DMA through an HWPT ends in: itself, or a nested one's parent. */
export function pagingUnder(tx: Tx, ctx: number, hwptId: number): number {
  const hwpt = getObject(tx, ctx, hwptId);
  return hwpt?.type === 'hwptNested' ? hwpt.parent : hwptId;
}
