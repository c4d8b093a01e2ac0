import type { Override } from '../../model/rules.ts';

/** Shows that lost events are really looked at. */
export const lossNotRecorded: Override = {
  name: 'loss-not-recorded',
  kind: 'mutant',
  summary: 'an event lost to a full vEVENTQ leaves no header',
  source: 'no such bug is known',
  rules: { iommufd: { veventqRecordsLoss: false } },
};
