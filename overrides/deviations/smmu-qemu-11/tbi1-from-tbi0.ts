import type { SmmuDeviation } from './smmu-deviation.ts';

export const tbi1FromTbi0: SmmuDeviation = {
  name: 'tbi1-from-tbi0',
  kind: 'deviation',
  summary: 'The top byte is ignored in the TTB1 half where CD.TBI0 says so; CD.TBI1 is not looked at.',
  source: 'QEMU 11.1.3 vectors; IHI0070 5.4, CD.TBI1',
  rules: { smmuArchitecture: { ignoresTopByte: (_upperHalf, tbi0) => tbi0 } },
};
