import type { SmmuDeviation } from './smmu-deviation.ts';

export const spanDoubled: SmmuDeviation = {
  name: 'span-doubled',
  kind: 'deviation',
  summary: 'An L1STD of Span n covers 2^n StreamIDs instead of 2^(n-1).',
  source: 'QEMU hw/arm/smmuv3.c, stream table lookup; no recording; IHI0070 5.1',
  rules: { smmuArchitecture: { entriesOfSpan: (span) => 2 ** span } },
};
