import type { Override } from '../../model/rules.ts';

/** Shows that contexts are really compared. */
export const groupOwnerNotExclusive: Override = {
  name: 'group-owner-not-exclusive',
  kind: 'mutant',
  summary: 'two contexts can bind devices of one IOMMU group',
  source: 'no such bug is known',
  rules: { iommufd: { groupOwnerIsExclusive: false } },
};
