import type { SmmuDeviation } from './smmu-deviation.ts';

export const configurationFaultsRead: SmmuDeviation = {
  name: 'configuration-faults-read',
  kind: 'deviation',
  summary: 'Stage-2 faults on the CD and on the TTBs report RnW = 1, whatever the transaction does.',
  source: 'QEMU 11.1.3 vectors; IHI0070 7.3.13',
  rules: { smmuArchitecture: { configurationFaultReads: () => true } },
};
