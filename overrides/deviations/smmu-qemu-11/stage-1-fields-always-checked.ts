import type { SmmuDeviation } from './smmu-deviation.ts';

export const stage1FieldsAlwaysChecked: SmmuDeviation = {
  name: 'stage-1-fields-always-checked',
  kind: 'deviation',
  summary: 'S1CDMax and S1STALLD make an STE illegal although it enables stage 2 only.',
  source: 'QEMU hw/arm/smmuv3.c, STE decoding; no recording; IHI0070 5.2',
  rules: { smmuArchitecture: { validatesStage1Fields: () => true } },
};
