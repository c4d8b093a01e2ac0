import type { Override } from '../../model/rules.ts';

/** The header is no event and was never counted in; the count went below the truth and the depth with it. */
export const lostHeaderCounted: Override = {
  name: 'lost-header-counted',
  kind: 'defect',
  summary: 'reading a lost-events header takes one off the count of waiting events',
  source: 'iommufd: Balance veventq->num_events inc/dec (6fc85bbbeaea)',
  foundBy: 'veventq-count-exact',
  rules: { iommufd: { lostHeaderCountsAsEvent: true } },
};
