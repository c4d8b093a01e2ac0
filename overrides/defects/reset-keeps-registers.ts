import type { Override } from '../../model/rules.ts';

/** The guest that boots next found an SMMU that the one before had enabled, with a stream table of its own. */
export const resetKeepsRegisters: Override = {
  name: 'reset-keeps-registers',
  kind: 'defect',
  summary: 'a system reset leaves CR0 and GBPA of a vSMMU as they were',
  source: 'hw/arm/smmuv3: Fix device reset (QEMU 43530095e1)',
  foundBy: 'reset-is-as-at-power-on',
  rules: { vmm: { resetClearsRegisters: false } },
};
