import { COMPAT_CALLS } from '../../spec/iommufd/compat.ts';
import { ULONG_MAX } from '../../spec/iommufd/constants.ts';
import { DMA_MAP, INFO_FLAG, VFIO_EXTENSION } from '../../spec/vfio/container.ts';
import type { FileCallArgs } from '../world/rare-calls.ts';
import { done, type Result, refused } from '../world/result.ts';
import { contextAt, type Tx } from '../world/tx.ts';
import { mapUserMemory } from './ioas.ts';
import { disableHugePages } from './iopt/domains.ts';
import { iovaRanges } from './iopt/table.ts';
import { memoryEnv } from './memory-env.ts';
import { mustGet, putObject } from './object-table.ts';

/*
 * The other calls of VFIO's containers that `/dev/iommu` answers, for the IOAS that IOMMU_VFIO_IOAS names
 * (drivers/iommu/iommufd/vfio_compat.c).
 */

/** VFIO_GET_API_VERSION: 0 since there is VFIO. */
export function compatApiVersion(): Result {
  return done({ ret: 0 });
}

/** VFIO_CHECK_EXTENSION: coherency is a question about the IOAS's domains, so that there must be an IOAS (ENODEV). */
export function compatCheckExtension(
  tx: Tx,
  ctx: number,
  { extension }: FileCallArgs['compatCheckExtension'],
): Result {
  switch (extension) {
    case VFIO_EXTENSION.TYPE1:
    case VFIO_EXTENSION.TYPE1V2:
    case VFIO_EXTENSION.UNMAP_ALL:
      return done({ ret: 1 });
    case VFIO_EXTENSION.DMA_CC: {
      const { compatIoas } = contextAt(tx, ctx);
      if (compatIoas === null) return refused('ENODEV');
      const { hwpts } = mustGet(tx, ctx, compatIoas, 'ioas');
      const coherent = hwpts.every((id) => mustGet(tx, ctx, id, 'hwptPaging').domain.enforceCoherency);
      return done({ ret: coherent ? 1 : 0 });
    }
    default:
      return done({ ret: 0 });
  }
}

/** VFIO_SET_IOMMU: TYPE1 could unmap within a mapping, which pages that are not huge allow. It can be said often. */
export function compatSetIommu(tx: Tx, ctx: number, { type }: FileCallArgs['compatSetIommu']): Result {
  if (type !== VFIO_EXTENSION.TYPE1 && type !== VFIO_EXTENSION.TYPE1V2) return refused('EINVAL');
  const { compatIoas } = contextAt(tx, ctx);
  if (compatIoas === null) return refused('ENODEV');
  if (type === VFIO_EXTENSION.TYPE1V2) return done();
  const ioas = mustGet(tx, ctx, compatIoas, 'ioas');
  const minPages = ioas.hwpts.map((id) => mustGet(tx, ctx, id, 'hwptPaging').domain.geometry.minPage);
  const iopt = disableHugePages(ioas.iopt, minPages, tx.world.platform.kernel);
  if (typeof iopt === 'string') return refused(iopt);
  putObject(tx, ctx, compatIoas, { ...ioas, iopt });
  return done();
}

/** VFIO_IOMMU_MAP_DMA: IOAS_MAP at a fixed address. */
export function compatMapDma(tx: Tx, ctx: number, args: FileCallArgs['compatMapDma'], actor: string): Result {
  const { READ, WRITE } = DMA_MAP;
  if (args.argsz < COMPAT_CALLS.compatMapDma.minSize || (args.flags & ~(READ | WRITE)) !== 0)
    return refused('EINVAL');
  if ((args.flags & (READ | WRITE)) === 0 && tx.rules.iommufd.compatMapNeedsProtection)
    return refused('EINVAL');
  const { compatIoas } = contextAt(tx, ctx);
  if (compatIoas === null) return refused('ENODEV');
  if (args.vaddr + args.length > ULONG_MAX) return refused('EOVERFLOW');
  if (args.length === 0n) return refused('EINVAL');
  const access = { readable: (args.flags & READ) !== 0, writeable: (args.flags & WRITE) !== 0 };
  const outcome = mapUserMemory(tx, ctx, compatIoas, args.vaddr, args.length, args.iova, access, actor);
  return typeof outcome === 'bigint' ? done() : outcome;
}

/** Bytes of struct vfio_iommu_type1_info and of the capabilities behind it: mappings to be had, ranges, each range. */
const INFO = { BYTES: 24, AVAIL: 12, RANGES: 16, EACH: 16, ALIGN: 8 } as const;

/** struct vfio_info_cap_header: what it is, in which version; where the next one is comes behind that. */
const CAP = { IOVA_RANGE: 1n, DMA_AVAIL: 3n, VERSION: 1n << 16n, NEXT: 32n } as const;

/** Nobody counts mappings here. */
const NO_LIMIT = 0xffff_ffffn;

/** VFIO_IOMMU_GET_INFO: page sizes, and as many of the capabilities as there is room for. */
export function compatGetInfo(tx: Tx, ctx: number, args: FileCallArgs['compatGetInfo']): Result {
  if (args.argsz < COMPAT_CALLS.compatGetInfo.minSize) return refused('EINVAL');
  const { compatIoas } = contextAt(tx, ctx);
  if (compatIoas === null) return refused('ENODEV');
  const { iopt, hwpts } = mustGet(tx, ctx, compatIoas, 'ioas');
  const ranges = iovaRanges(iopt);
  const avail = INFO.BYTES + INFO.AVAIL;
  const next = Math.ceil(avail / INFO.ALIGN) * INFO.ALIGN;
  const needed = next + INFO.RANGES + ranges.length * INFO.EACH;
  const { pageSize } = memoryEnv(tx).kernel;
  // One that does not fit is left out; where the next is, or would be, is told where that much fits.
  const link = args.argsz >= next ? BigInt(next) << CAP.NEXT : 0n;
  const first = [CAP.DMA_AVAIL | CAP.VERSION | link, NO_LIMIT];
  const second = [
    CAP.IOVA_RANGE | CAP.VERSION,
    BigInt(ranges.length),
    ...ranges.flatMap(({ start, last }) => [start, last]),
  ];
  const fits = args.argsz >= needed;
  return done({
    argsz: needed,
    flags: INFO_FLAG.PGSIZES | INFO_FLAG.CAPS,
    iovaPgsizes: hwpts.reduce(
      (sizes, id) =>
        sizes & (mustGet(tx, ctx, id, 'hwptPaging').domain.geometry.pageSizes ?? blockSizes(pageSize)),
      ULONG_MAX - pageSize + 1n,
    ),
    capOffset: fits ? INFO.BYTES : 0,
    tail: fits ? [...first, ...second] : first,
    tailBytes: fits ? needed - INFO.BYTES : args.argsz >= avail ? INFO.AVAIL : 0,
  });
}

/** Sizes that a table of this granule maps at once, as io-pgtable-arm has them: a page, and the blocks above it. */
function blockSizes(pageSize: bigint): bigint {
  const entries = pageSize / 8n;
  const block = pageSize * entries;
  return pageSize | block | (pageSize === 0x1000n ? block * entries : 0n);
}
