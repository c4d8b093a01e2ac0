import type { Override } from '../../model/rules.ts';

/** DESTROY looked its object up with a reference of its own, and whoever gave the last other one back found it in use. */
export const destroyHoldsReference: Override = {
  name: 'destroy-holds-reference',
  kind: 'defect',
  summary: 'DESTROY counts as a user of what it is about to destroy',
  source: 'iommufd: IOMMUFD_DESTROY should not increase the refcount (2023-07)',
  foundBy: 'automatic-hwpt-goes-with-last-attachment',
  rules: { iommufd: { destroyTakesReference: true } },
};
