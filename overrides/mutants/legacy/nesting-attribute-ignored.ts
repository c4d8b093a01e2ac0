import type { Override } from '../../../model/rules.ts';

export const nestingAttributeIgnored: Override = {
  name: 'nesting-attribute-ignored',
  kind: 'mutant',
  summary: 'the driver prefers stage 1 whatever the nesting attribute says',
  source: 'made up, to break nesting-container-leaves-stage-1',
  rules: { legacy: { stage: (_type, { stage1 }) => (stage1 ? 1 : 2) } },
};
