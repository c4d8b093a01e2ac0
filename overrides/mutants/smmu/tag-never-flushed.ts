import type { Override } from '../../../model/rules.ts';

export const tagNeverFlushed: Override = {
  name: 'tag-never-flushed',
  kind: 'mutant',
  summary: 'an ASID or VMID that no stream uses any longer is not flushed, and is given out again',
  source: 'breaks unmapped-is-unreachable',
  rules: { smmuDriver: { unusedTagIsFlushed: false } },
};
