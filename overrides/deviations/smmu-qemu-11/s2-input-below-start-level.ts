import type { SmmuDeviation } from './smmu-deviation.ts';

export const s2InputBelowStartLevel: SmmuDeviation = {
  name: 's2-input-below-start-level',
  kind: 'deviation',
  summary:
    'An S2T0SZ so large that the start level of S2SL0 would resolve no bit of the input is accepted instead of illegal.',
  source: 'QEMU hw/arm/smmuv3.c, stage-2 decoding; no recording; IHI0070 5.2, S2SL0; Arm ARM D8.2',
  rules: { smmuArchitecture: { smallestStage2FirstBits: Number.NEGATIVE_INFINITY } },
};
