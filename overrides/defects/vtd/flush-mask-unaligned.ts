import type { Override } from '../../../model/rules.ts';

/**
 * Hardware ignores the address bits below the mask, so that two pages from an odd one on need a mask of two
 * bits.
 */
export const flushMaskUnaligned: Override = {
  name: 'vtd-flush-mask-unaligned',
  kind: 'defect',
  summary:
    'a flush of some pages is rounded up to a power of two and not aligned to it, so that some of them stay',
  source:
    'iommu/vt-d: Fix misuse of ALIGN in qi_flush_piotlb() (2020-12); Fix unaligned addresses for intel_flush_svm_range_dev()',
  rules: {
    vtd: {
      flushMask: (_firstPage, pages) => pages.toString(2).length - ((pages & (pages - 1n)) === 0n ? 1 : 0),
    },
  },
};
