import type { Override } from '../../model/rules.ts';

/**
 * TLBI_S2_IPA leaves translations that embed stage 2 alone. VT-d had the same bug under another name: an unmap flushed
 * the domain ID of the nesting parent and none of those nested on it.
 */
export const s2UnmapKeepsNested: Override = {
  name: 's2-unmap-keeps-nested',
  kind: 'defect',
  summary:
    'an unmap of a nesting parent is not followed by TLBI_NH_ALL, so that nested translations survive it',
  source:
    "the SMMUv3 form of iommu/vt-d: Add missing iotlb flush for parent domain (Fixes b41e38e22539); Linux's arm-smmu-v3 never had it",
  foundBy: 'dma-stays-in-ioas',
  rules: { smmuDriver: { unmapClearsNested: false } },
};
