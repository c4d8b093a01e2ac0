import type { Override } from '../../../model/rules.ts';

/**
 * PASID 0 stands for "none" inside the kernel, and neither VFIO nor iommufd looks at the number that a user gives. An
 * attach of PASID 0 attaches requests without PASID, which VFIO does not know then: it refuses to attach them again.
 * Read, not recorded.
 */
export const pasidZeroIsRid: Override = {
  name: 'pasid-zero-is-rid',
  kind: 'deviation',
  summary: 'an attach of PASID 0 attaches requests without PASID',
  source: 'Linux 6.15 vfio_iommufd_physical_pasid_attach_ioas(), iommufd_device_attach() with IOMMU_NO_PASID',
  rules: { iommufd: { pasidZeroIsRid: true } },
};
