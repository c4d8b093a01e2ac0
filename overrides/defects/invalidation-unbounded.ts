import type { Override } from '../../model/rules.ts';

/** A process could keep the kernel busy with one call for as long as it liked. */
export const invalidationUnbounded: Override = {
  name: 'invalidation-unbounded',
  kind: 'defect',
  summary: 'an invalidation array of any length and width is taken',
  source: 'iommufd: Set upper bounds on cache invalidation entry_num and entry_len (2026-06)',
  foundBy: 'one-call-is-bounded',
  rules: { iommufd: { invalidationIsBounded: false } },
};
