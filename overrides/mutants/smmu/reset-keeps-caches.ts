import type { Override } from '../../../model/rules.ts';

export const resetKeepsCaches: Override = {
  name: 'reset-keeps-caches',
  kind: 'mutant',
  summary: 'a pSMMU is set up anew without CFGI_ALL and TLBI_NSNH_ALL',
  source: 'arm_smmu_device_reset() issues both; breaks reset-empties-caches',
  rules: { smmuMachine: { resetEmptiesCaches: false } },
};
