import type { SmmuDeviation } from './smmu-deviation.ts';

export const outputSizeCheckedLast: SmmuDeviation = {
  name: 'output-size-checked-last',
  kind: 'deviation',
  summary: 'The output size of a page or block is checked after its access flag and permissions.',
  source: 'QEMU 11.1.3 vectors; Arm ARM D8.15, MMU fault priority',
  rules: { smmuArchitecture: { checksOutputSizeFirst: false } },
};
