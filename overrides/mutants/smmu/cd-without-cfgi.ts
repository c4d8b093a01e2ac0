import type { Override } from '../../../model/rules.ts';

export const cdWithoutCfgi: Override = {
  name: 'cd-without-cfgi',
  kind: 'mutant',
  summary: "a CD of the driver's own that was written is not followed by CFGI_CD",
  source: 'arm_smmu_write_cd_entry(); breaks teardown-returns-everything',
  rules: { smmuDriver: { invalidatesCd: false } },
};
