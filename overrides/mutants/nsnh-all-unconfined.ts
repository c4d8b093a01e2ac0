import type { Override } from '../../model/rules.ts';

export const nsnhAllUnconfined: Override = {
  name: 'nsnh-all-unconfined',
  kind: 'mutant',
  summary: "a guest's TLBI_NSNH_ALL reaches the pSMMU as it is",
  source: 'breaks invalidation-touches-own-vm-only',
  rules: { smmuDriver: { nsnhAllIsConfined: false } },
};
