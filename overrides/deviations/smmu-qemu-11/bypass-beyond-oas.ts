import type { SmmuDeviation } from './smmu-deviation.ts';

export const bypassBeyondOas: SmmuDeviation = {
  name: 'bypass-beyond-oas',
  kind: 'deviation',
  summary: 'A bypassed address beyond OAS is passed on instead of aborted with F_ADDR_SIZE.',
  source: 'QEMU 11.1.3 observation "bypass, IOVA >= 2^44 (beyond OAS)"; IHI0070 3.4',
  rules: { smmuArchitecture: { bypassMayOutput: () => true } },
};
