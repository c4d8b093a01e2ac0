import type { SmmuDeviation } from './smmu-deviation.ts';

export const badSteBeyondSpan: SmmuDeviation = {
  name: 'bad-ste-beyond-span',
  kind: 'deviation',
  summary: 'A StreamID beyond the Span of its L1STD gives C_BAD_STE instead of C_BAD_STREAMID.',
  source: 'QEMU 11.1.3 observation "2-level: SID beyond span"; IHI0070 7.3.3',
  rules: { smmuArchitecture: { eventBeyondSpan: 'C_BAD_STE' } },
};
