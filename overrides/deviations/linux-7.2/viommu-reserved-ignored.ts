import type { Override } from '../../../model/rules.ts';

/** linux/iommufd.h says of `__reserved` in struct iommu_viommu_alloc: must be 0. The kernel does not look. */
export const viommuReservedIgnored: Override = {
  name: 'viommu-reserved-ignored',
  kind: 'deviation',
  summary: 'VIOMMU_ALLOC accepts any value in a field that must be zero',
  source: 'Linux 7.2.13 iommufd_viommu_alloc_ioctl(); recording smmuv3-scenario, section viommu',
  rules: { iommufd: { viommuAllocChecksReserved: false } },
};
