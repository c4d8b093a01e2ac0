import type { Override } from '../../model/rules.ts';

/** What lay in the memory of the event before was read as its flags; here, those of a lost-events header. */
export const eventFlagsUninitialised: Override = {
  name: 'event-flags-uninitialised',
  kind: 'defect',
  summary: 'an event that was not lost has the flag of lost events in its header',
  source: 'iommufd: Initialize the flags of vevent in iommufd_viommu_report_event() (41464a4628f3)',
  foundBy: 'veventq-read-is-faithful',
  rules: { iommufd: { eventHeaderFlags: 1 } },
};
