import type { SmmuDeviation } from './smmu-deviation.ts';

export const s2t0szBoundedByS2ps: SmmuDeviation = {
  name: 's2t0sz-bounded-by-s2ps',
  kind: 'deviation',
  summary: 'An S2T0SZ whose input is larger than S2PS makes the STE illegal, though IAS bounds the input.',
  source: 'QEMU hw/arm/smmuv3.c, stage-2 decoding; no recording; IHI0070 5.2',
  rules: { smmuArchitecture: { largestStage2Input: (_ias, outputBits) => outputBits } },
};
