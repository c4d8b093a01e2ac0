import type { Override } from '../../../model/rules.ts';

/** What iommu/vt-d had: a flush of the nesting parent's domain ID, where what is nested on it has another (Fixes b41e38e22539). */
export const unmapMissesNestedTags: Override = {
  name: 'unmap-misses-nested-tags',
  kind: 'mutant',
  summary: 'an unmap of a nesting parent invalidates its own VMID only, and not those of the vSMMUs over it',
  source:
    'the array of invalidations of a domain has every VMID that it is cached under (arm_smmu_domain_inv_range()); breaks dma-stays-in-ioas',
  rules: { smmuDriver: { unmapReachesNestedTags: false } },
};
