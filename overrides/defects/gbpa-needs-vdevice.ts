import type { Override } from '../../model/rules.ts';

/** A VMM attaches these as stand-ins for the vSMMU's GBPA before it knows any virtual StreamID. */
export const gbpaNeedsVdevice: Override = {
  name: 'gbpa-needs-vdevice',
  kind: 'defect',
  summary: 'a nested HWPT that aborts or bypasses is refused until the device has a vDEVICE',
  source: 'iommu/arm-smmu-v3-iommufd: Allow attaching nested domain for GBPA cases (81c45c62dc3e)',
  foundBy: 'abort-and-bypass-need-no-vdevice',
  rules: { iommufd: { nestedAttachNeedsVdevice: () => true } },
};
