import type { Override } from '../../../model/rules.ts';

export const atcBeforeEntry: Override = {
  name: 'atc-before-entry',
  kind: 'mutant',
  summary: 'on a detach the ATC is invalidated before the STE that lets the device fill it has changed',
  source: 'IHI0070 3.9.1; arm_smmu_attach_commit(); breaks ats-off-leaves-no-atc',
  rules: { smmuMachine: { atcAfterEntry: false } },
};
