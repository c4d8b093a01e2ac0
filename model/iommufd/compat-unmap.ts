import { COMPAT_IOCTLS, DMA_UNMAP_ALL } from '../../spec/iommufd/compat.ts';
import { ULONG_MAX } from '../../spec/iommufd/constants.ts';
import type { CommandArgs } from '../world/command.ts';
import { done, type Result, refused } from '../world/result.ts';
import { contextAt, type Tx } from '../world/tx.ts';
import { lockedOn, notifyUnmap } from './access.ts';
import { forgetUnmapped } from './dirty.ts';
import { cutAreas, unmapRange } from './iopt/unmap.ts';
import { mustGet, putObject } from './object-table.ts';

/**
 * VFIO_IOMMU_UNMAP_DMA on `/dev/iommu` (iommufd_vfio_unmap_dma()): IOAS_UNMAP for programs that know containers only.
 * With huge pages switched off it may cut areas in two, as containers could, and the count comes back even where it fails.
 */
export function vfioUnmapDma(tx: Tx, ctx: number, args: CommandArgs['vfioUnmapDma']): Result {
  if (args.argsz < COMPAT_IOCTLS.vfioUnmapDma.minSize) return refused('EINVAL');
  if ((args.flags & ~DMA_UNMAP_ALL) !== 0) return refused('EINVAL');
  const { compatIoas } = contextAt(tx, ctx);
  if (compatIoas === null) return refused('ENODEV');
  const ioas = mustGet(tx, ctx, compatIoas, 'ioas');
  const all = (args.flags & DMA_UNMAP_ALL) !== 0;
  if (all && (args.iova !== 0n || args.length !== 0n)) return refused('EINVAL');
  const start = all ? 0n : args.iova;
  const last = all ? ULONG_MAX : args.iova + args.length - 1n;
  let { iopt } = ioas;
  if (!all && iopt.hugePagesDisabled) {
    const cut = cutAreas(iopt, start === 0n ? [last] : [last, start - 1n]);
    if (typeof cut === 'string') return refused(cut);
    iopt = cut;
  }
  if (!all && args.length === 0n) return refused('EINVAL', { length: 0n });
  if (last > ULONG_MAX) return refused('EOVERFLOW', { length: 0n });
  const unmapped = unmapRange(iopt, start, last, lockedOn(tx, ctx, compatIoas));
  if (unmapped.iopt !== ioas.iopt) {
    putObject(tx, ctx, compatIoas, { ...ioas, iopt: unmapped.iopt });
    notifyUnmap(tx, ctx, compatIoas, iopt, unmapped.iopt);
    forgetUnmapped(tx, ctx, ioas, unmapped.iopt);
  }
  // Nothing there is no error for a container.
  if (unmapped.errno === null || unmapped.nothing) return done({ length: unmapped.bytes });
  tx.keep = true;
  return refused(unmapped.errno, { length: tx.rules.iommufd.failedUnmapReports(unmapped.bytes) });
}
