import type { Override } from '../../../model/rules.ts';

export const v2UnmapsAsV1: Override = {
  name: 'v2-unmaps-as-v1',
  kind: 'mutant',
  summary: 'every container unmaps as TYPE1 does',
  source: 'made up, to break unmap-cuts-no-mapping',
  rules: { legacy: { unmapRefusesBisection: () => false } },
};
