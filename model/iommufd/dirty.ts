import { ULONG_MAX } from '../../spec/iommufd/constants.ts';
import type { CommandArgs } from '../world/command.ts';
import { type Result, refused } from '../world/result.ts';
import type { Tx } from '../world/tx.ts';
import { getOf, mustGet } from './object-table.ts';

const ENABLE = 1;
const NO_CLEAR = 1;

/** IOMMU_HWPT_SET_DIRTY_TRACKING, up to the driver: no domain here can track writes. */
export function hwptSetDirtyTracking(tx: Tx, ctx: number, args: CommandArgs['hwptSetDirtyTracking']): Result {
  if ((args.flags & ~ENABLE) !== 0 || args.reserved !== 0) return refused('EOPNOTSUPP');
  if (getOf(tx, ctx, args.hwptId, 'hwptPaging') === null) return refused('ENOENT');
  return refused('EOPNOTSUPP');
}

/** IOMMU_HWPT_GET_DIRTY_BITMAP, up to the driver. */
export function hwptGetDirtyBitmap(tx: Tx, ctx: number, args: CommandArgs['hwptGetDirtyBitmap']): Result {
  if ((args.flags & ~NO_CLEAR) !== 0 || args.reserved !== 0) return refused('EOPNOTSUPP');
  const hwpt = getOf(tx, ctx, args.hwptId, 'hwptPaging');
  if (hwpt === null) return refused('ENOENT');
  // A length of zero wraps to the whole space, as the kernel's unsigned arithmetic has it.
  const last = args.iova + BigInt.asUintN(64, args.length - 1n);
  if (last > ULONG_MAX) return refused('EOVERFLOW');
  const { alignment } = mustGet(tx, ctx, hwpt.ioas, 'ioas').iopt;
  const ends = args.iova | (last + 1n);
  if ((ends & (alignment - 1n)) !== 0n || args.pageSize === 0n) return refused('EINVAL');
  if ((ends & (args.pageSize - 1n)) !== 0n) return refused('EINVAL');
  return refused('EOPNOTSUPP');
}
