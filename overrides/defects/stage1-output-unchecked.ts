import type { Override } from '../../model/rules.ts';

/** An address beyond what the guest says it uses reached memory, or another fault. */
export const stage1OutputUnchecked: Override = {
  name: 'stage1-output-unchecked',
  kind: 'defect',
  summary: 'stage 1 gives out addresses larger than CD.IPS',
  source: 'hw/arm/smmu-common: Add missing size check for stage-1 (QEMU bde809f05f)',
  foundBy: 'emulation-walks-as-architecture',
  rules: { smmuArchitecture: { checksStage1OutputSize: false } },
};
