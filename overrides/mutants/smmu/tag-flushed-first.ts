import type { Override } from '../../../model/rules.ts';

/** The flush is there and in the wrong place: DMA goes on until the entries have changed, and fills the TLB anew. */
export const tagFlushedFirst: Override = {
  name: 'tag-flushed-first',
  kind: 'mutant',
  summary: 'the tag that streams leave is flushed while they still use it',
  source: 'breaks teardown-returns-everything',
  rules: { smmuDriver: { tagIsFlushedLast: false } },
};
