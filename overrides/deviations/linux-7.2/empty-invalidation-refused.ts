import type { Override } from '../../../model/rules.ts';

/**
 * linux/iommufd.h: an empty array (entry_num 0) asks whether the data type is supported. The helper that copies the
 * array refuses it.
 */
export const emptyInvalidationRefused: Override = {
  name: 'empty-invalidation-refused',
  kind: 'deviation',
  summary: 'HWPT_INVALIDATE of a vIOMMU refuses an empty array, which the interface allows as a probe',
  source: 'Linux 7.2.13 iommu_copy_struct_from_full_user_array(); recording smmuv3-findings, section F-3',
  rules: { iommufd: { emptyInvalidationIsProbe: false } },
};
