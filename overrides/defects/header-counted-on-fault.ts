import type { Override } from '../../model/rules.ts';

/** The event went back to the head of the queue and its header stayed in the count, so the reader had it twice. */
export const headerCountedOnFault: Override = {
  name: 'header-counted-on-fault',
  kind: 'defect',
  summary: "a read that cannot copy an event's record counts its header",
  source: 'iommufd: Rewind header length in done if copy fails (2026-06)',
  foundBy: 'veventq-read-is-faithful',
  rules: { iommufd: { failedCopyTakesHeaderBack: false } },
};
