import type { Override } from '../../../model/rules.ts';

export const s1UnmapWrongAsid: Override = {
  name: 's1-unmap-wrong-asid',
  kind: 'mutant',
  summary: 'an unmap of a stage-1 domain invalidates another ASID than the one that it is cached under',
  source: 'arm_smmu_domain_inv_range(); breaks dma-stays-in-ioas',
  rules: { smmuDriver: { unmapInvalidatesAsid: (asid) => asid + 1 } },
};
