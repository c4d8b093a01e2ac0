import type { Override } from '../../../model/rules.ts';

export const repeatedStreamRefused: Override = {
  name: 'repeated-stream-refused',
  kind: 'defect',
  summary:
    'a device that has a StreamID twice is refused, since that StreamID leads to a device already: itself',
  source: 'iommu/arm-smmu-v3: Fix iommu_device_probe bug due to duplicated stream ids (b00d24997a11)',
  rules: { host: { repeatedStreamIsSkipped: false } },
};
