import type { Override } from '../../model/rules.ts';

export const attachWithoutCfgi: Override = {
  name: 'attach-without-cfgi',
  kind: 'mutant',
  summary: 'an STE that was written is not followed by CFGI_STE',
  source: 'breaks abort-and-bypass-are-exact',
  rules: { smmuDriver: { invalidatesSte: false } },
};
