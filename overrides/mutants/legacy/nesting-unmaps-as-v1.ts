import type { Override } from '../../../model/rules.ts';

export const nestingUnmapsAsV1: Override = {
  name: 'nesting-unmaps-as-v1',
  kind: 'mutant',
  summary: 'a nesting container unmaps as TYPE1 does, and not as TYPE1v2',
  source: 'made up, to break nesting-container-acts-as-v2',
  rules: { legacy: { unmapRefusesBisection: (type) => type === 'type1v2' } },
};
