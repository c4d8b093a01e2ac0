import {
  HWPT_ALLOC,
  HWPT_DATA,
  HWPT_INVALIDATE_DATA,
  ULONG_MAX,
  VTD_INVALIDATE,
} from '../../../../spec/iommufd/constants.ts';
import type { IommuHardware } from '../../../platform/platform.ts';
import { vtdFeaturesOf } from '../../../platform/vtd-features.ts';
import { copyStruct } from '../../user-data.ts';
import type { FlushedRange, InvalidatedRanges, LegacyNesting } from '../driver.ts';

/** struct iommu_hwpt_vtd_s1: flags, pgtbl_addr, addr_width and a reserved word. */
const STAGE1_BYTES = 24;

/** struct iommu_hwpt_vtd_s1_invalidate: addr, npages, flags and a reserved word. */
const INVALIDATE_BYTES = 24;

const LOW_HALF = 0xffff_ffffn;
const PAGE_SHIFT = 12n;
const PAGE_OFFSET = 0xfffn;

/** Nesting by HWPT: a guest's first-stage table on a second-stage domain (drivers/iommu/intel/nested.c). */
export const vtdNesting: LegacyNesting = {
  // intel_iommu_domain_alloc_nested() (rules ).
  alloc(platform, device, _parent, flags, data) {
    const { iommu } = platform.devices[device] as { iommu: number };
    if (!vtdFeaturesOf(platform.iommus[iommu] as IommuHardware).nesting) return 'EOPNOTSUPP';
    if ((flags & ~HWPT_ALLOC.PASID) !== 0) return 'EOPNOTSUPP';
    if (data.type !== HWPT_DATA.VTD_S1) return 'EOPNOTSUPP';
    if (data.length !== STAGE1_BYTES) return 'EINVAL';
    const words = copyStruct(data.words, 0, STAGE1_BYTES, STAGE1_BYTES);
    if (typeof words === 'string') return words;
    const [wanted = 0n, table = 0n, last = 0n] = words;
    if (last >> 32n !== 0n) return 'EOPNOTSUPP';
    return { iommu, config: 'firstStage', flags: wanted, table, addressWidth: Number(last & LOW_HALF) };
  },

  // intel_nested_cache_invalidate_user() (rule R-30): entry by entry, and the count is exact.
  invalidate({ type, entryLength, entries, words }, rules): InvalidatedRanges {
    const ranges: FlushedRange[] = [];
    if (type !== HWPT_INVALIDATE_DATA.VTD_S1) return { ranges, handled: 0, errno: 'EINVAL' };
    for (let entry = 0; entry < entries; entry++) {
      const stop = (errno: NonNullable<InvalidatedRanges['errno']>) => ({ ranges, handled: entry, errno });
      // iommu_copy_struct_from_user_array() takes no longer ones either.
      if (entryLength !== INVALIDATE_BYTES) return stop('EINVAL');
      const copied = copyStruct(words, entry * entryLength, entryLength, INVALIDATE_BYTES);
      if (typeof copied === 'string') return stop(copied);
      const [start = 0n, pages = 0n, last = 0n] = copied;
      if ((last & ~BigInt(VTD_INVALIDATE.LEAF)) !== 0n) return stop('EOPNOTSUPP');
      if ((start & PAGE_OFFSET) !== 0n && rules.vtd.flushedAddressIsChecked) return stop('EINVAL');
      if (pages === ULONG_MAX && start !== 0n) return stop('EINVAL');
      ranges.push({ start, last: lastOf(start, pages), leaf: last !== 0n });
    }
    return { ranges, handled: entries, errno: null };
  },
};

/** As many pages as there are is all of them; the arithmetic of addresses has 64 bits. */
function lastOf(start: bigint, pages: bigint): bigint {
  if (pages >= 1n << (64n - PAGE_SHIFT)) return ULONG_MAX;
  const last = start + (pages === 0n ? 1n : pages << PAGE_SHIFT) - 1n;
  return last > ULONG_MAX ? ULONG_MAX : last;
}
