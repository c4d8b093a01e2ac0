import type { SmmuDeviation } from './smmu-deviation.ts';

export const inputBeyondIasUnrecorded: SmmuDeviation = {
  name: 'input-beyond-ias-unrecorded',
  kind: 'deviation',
  summary: 'Input beyond IAS on a stage-2-only stream aborts without F_ADDR_SIZE.',
  source: 'QEMU 11.1.3 observation "S2 IPA beyond IAS=OAS (2^45)"; IHI0070 3.4',
  rules: { smmuArchitecture: { recordsInputBeyondIas: false } },
};
