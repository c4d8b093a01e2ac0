import type { Override } from '../../../model/rules.ts';

export const cdTableOutlivesDevice: Override = {
  name: 'cd-table-outlives-device',
  kind: 'defect',
  summary:
    "a device's table of CDs is freed with the SMMU's driver, not with the device, which gets another when it comes again",
  source: 'iommu/arm-smmu-v3: Do not use devm for the cd table allocations (Linux 6.11.3)',
  rules: { host: { cdTableGoesWithDevice: false } },
};
