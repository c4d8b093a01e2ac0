import type { Override } from '../../model/rules.ts';

/** Shows that the reuse of ids is really looked at. */
export const tombstoneReused: Override = {
  name: 'tombstone-reused',
  kind: 'mutant',
  summary: 'the id that an unbound device took along is given out again',
  source: 'no such bug is known',
  rules: { iommufd: { tombstoneIsFree: true } },
};
