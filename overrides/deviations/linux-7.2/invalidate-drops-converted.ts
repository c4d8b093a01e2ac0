import type { Override } from '../../../model/rules.ts';

/**
 * arm_vsmmu_cache_invalidate() converts commands one by one and issues them in chunks of 63. When a command cannot
 * be converted, those converted since the last chunk are dropped, but counted as handled. Reproduced with DMA:
 * [TLBI_NH_VA, CFGI_STE] gives EIO with entry_num 1, and the next DMA still goes to the old page.
 */
export const invalidateDropsConverted: Override = {
  name: 'invalidate-drops-converted',
  kind: 'deviation',
  summary: 'HWPT_INVALIDATE counts commands as handled that it converted but never issued',
  source: 'Linux 7.2.13 arm_vsmmu_cache_invalidate(); recording smmuv3-findings, section F-1',
  rules: { iommufd: { issuesBeforeConversionError: false } },
};
