import type { Override } from '../../model/rules.ts';

/** GBPA has its reset value, so that all traffic bypasses a pSMMU that is switched off. */
export const disableLeavesBypass: Override = {
  name: 'disable-leaves-bypass',
  kind: 'mutant',
  summary: 'the driver switches a pSMMU off and leaves GBPA as firmware had it',
  source: 'IHI0070 3.11, 6.3.18; Linux relies on devices being quiet by then (arm_smmu_device_disable())',
  rules: { smmuMachine: { disableAborts: false } },
};
