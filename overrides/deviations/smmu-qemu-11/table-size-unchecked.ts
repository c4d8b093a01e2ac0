import type { SmmuDeviation } from './smmu-deviation.ts';

export const tableSizeUnchecked: SmmuDeviation = {
  name: 'table-size-unchecked',
  kind: 'deviation',
  summary:
    'Next-level table addresses are not checked against the output size. In nested translation those beyond CD.IPS give F_ADDR_SIZE with CLASS = TT and an IPA, unless a page or block that stage 2 has just translated holds them.',
  source: 'QEMU 11.1.3 vectors; Arm ARM D8.2',
  rules: {
    smmuArchitecture: {
      tableBeyondOutputSize: (owner, known) =>
        owner === 'nested-stage-1' && !known ? 'table-fault' : 'unchecked',
    },
  },
};
