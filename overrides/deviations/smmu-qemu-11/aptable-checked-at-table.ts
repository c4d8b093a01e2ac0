import type { SmmuDeviation } from './smmu-deviation.ts';

export const aptableCheckedAtTable: SmmuDeviation = {
  name: 'aptable-checked-at-table',
  kind: 'deviation',
  summary: 'A write that APTable forbids faults at the table descriptor, before any fault of a deeper level.',
  source: 'QEMU 11.1.3 vectors; Arm ARM D8.4',
  rules: { smmuArchitecture: { checksApTableAtTable: true } },
};
