import { table } from '../table.ts';

export const INVALIDATION_MUTANTS = table({
  'attach-without-cfgi': {
    kind: 'mutant',
    summary: 'an STE that the driver has written is not followed by CFGI_STE',
    source: 'breaks abort-and-bypass-are-exact',
    rules: { smmuDriver: { invalidatesSte: false } },
  },
  'unmap-empties-tag': {
    kind: 'mutant',
    summary: 'without range invalidation, an unmap of more than one page invalidates everything of its tag',
    source: 'breaks unmap-invalidates-little-more',
    rules: { smmuDriver: { isTooManyPages: (pages) => pages > 1n } },
  },
  'nsnh-all-unconfined': {
    kind: 'mutant',
    summary:
      "a guest's TLBI_NSNH_ALL reaches the pSMMU unchanged, and so invalidates translations of every VM",
    source: 'breaks invalidation-touches-own-vm-only',
    rules: { smmuDriver: { nsnhAllIsConfined: false } },
  },
});
