import type { SmmuDeviation } from './smmu-deviation.ts';

export const reservedBlocksAccepted: SmmuDeviation = {
  name: 'reserved-blocks-accepted',
  kind: 'deviation',
  summary:
    'Block descriptors are accepted at every level, those that VMSAv8-64 reserves too (4K level 0, 16K and 64K level 1).',
  source: 'QEMU 11.1.3 vectors; Arm ARM D8.3',
  rules: { smmuArchitecture: { allowsBlock: () => true } },
};
