import {
  CAP_DMA_AVAIL_BYTES,
  CAP_IOVA_RANGE_BYTES,
  CAP_MIGRATION_BYTES,
  INFO_BYTES,
  INFO_FLAG,
  INFO_MIN_BYTES,
  IOVA_RANGE_BYTES,
} from '../../spec/vfio/container.ts';
import { holes, type Interval } from '../iommufd/interval.ts';
import { done, type Result, refused } from '../world/result.ts';
import type { Rules } from '../world/rules.ts';
import type { Tx } from '../world/tx.ts';
import { type Legacy, legacyOf } from './access.ts';
import type { LegacyArgs } from './command.ts';
import { openContainer } from './container.ts';
import { type Container, iommuOf, pageSizeOf } from './machine.ts';
import { keptBy } from './regions.ts';

/**
 * VFIO_IOMMU_GET_INFO: the page size (`iovaPgsizes`: only the smallest is known here), and, where the struct has room for
 * the capabilities, the mappings still to be had and the first and last address of each range that can be mapped. Else
 * `argsz` tells how much room they need.
 */
export function containerGetInfo(
  tx: Tx,
  { container: index, argsz }: LegacyArgs['containerGetInfo'],
): Result {
  const legacy = legacyOf(tx);
  const container = openContainer(legacy, index);
  if (legacy === null || container === null) return refused('EBADF');
  if (container.type === null || argsz < INFO_MIN_BYTES) return refused('EINVAL');
  const ranges = rangesOf(legacy, container, tx.rules);
  const capabilities = CAP_MIGRATION_BYTES + CAP_DMA_AVAIL_BYTES + CAP_IOVA_RANGE_BYTES;
  const needed = INFO_BYTES + capabilities + ranges.length * IOVA_RANGE_BYTES;
  const info = {
    argsz: Math.max(argsz, needed),
    flags: INFO_FLAG.PGSIZES | INFO_FLAG.CAPS,
    iovaPgsizes: pageSizeOf(legacy.platform, legacy.whole.kernel, container),
  };
  if (argsz < needed) return done(info);
  return done({
    ...info,
    dmaAvail: legacy.platform.dmaEntries - container.mappings.length,
    data: ranges.flatMap(({ start, last }) => [start, last]),
  });
}

/** The aperture that all IOMMUs of a container have, without what its groups keep. */
function rangesOf(
  { platform, whole }: Legacy,
  { domains, groups }: Container,
  rules: Rules,
): readonly Interval[] {
  let last = (1n << 64n) - 1n;
  for (const { iommu } of domains) {
    const { lastIova } = iommuOf(platform, iommu);
    if (lastIova < last) last = lastIova;
  }
  const kept = groups
    .flatMap((group) => keptBy(whole, group, rules))
    .sort((a, b) => (a.start < b.start ? -1 : 1));
  return holes(kept, 0n, last);
}
