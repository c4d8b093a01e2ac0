import type { Errno } from '../../spec/errno.ts';
import type { Tx } from '../world/tx.ts';
import { igroupOf } from './group.ts';
import { getObject } from './object-table.ts';

/*
 * iommufd_hwpt_pasid_compat() (rule R-40). A driver may have to lay out what serves requests without PASID in another
 * way once there are others, so both must be HWPTs that were made with IOMMU_HWPT_ALLOC_PASID.
 */

function isCompat(tx: Tx, ctx: number, hwptId: number): boolean {
  const hwpt = getObject(tx, ctx, hwptId);
  return (hwpt?.type === 'hwptPaging' || hwpt?.type === 'hwptNested') && hwpt.pasidCompat;
}

/** Whether requests without PASID may go through an HWPT, given what PASIDs of the group are attached. */
export function ridCompat(tx: Tx, ctx: number, group: number, hwptId: number): Errno | null {
  if (!tx.rules.iommufd.pasidNeedsCompat || isCompat(tx, ctx, hwptId)) return null;
  return igroupOf(tx, ctx, group).pasids.length > 0 ? 'EINVAL' : null;
}

/** Whether requests with a PASID may, given what those without one go through. */
export function pasidCompat(tx: Tx, ctx: number, group: number, hwptId: number): Errno | null {
  if (!tx.rules.iommufd.pasidNeedsCompat) return null;
  if (!isCompat(tx, ctx, hwptId)) return 'EINVAL';
  const { attach } = igroupOf(tx, ctx, group);
  return attach === null || isCompat(tx, ctx, attach.hwpt) ? null : 'EINVAL';
}
