import type { Override } from '../../../model/rules.ts';

/**
 * `virt_id` of IOMMU_VDEVICE_ALLOC is 64 bits wide, a StreamID 32. The kernel takes any value and reports the
 * device's events under its low half, where it meets the StreamID of another device. Commands cannot name it at all.
 */
export const virtIdTruncated: Override = {
  name: 'virt-id-truncated',
  kind: 'deviation',
  summary: 'VDEVICE_ALLOC accepts a virtual StreamID of more than 32 bits, and events carry its low half',
  source: 'Linux 7.2.13 arm_vsmmu_vdevice_init(); recording smmuv3-scenario, section vdevice',
  rules: { smmuDriver: { virtIdFitsStreamId: false } },
};
