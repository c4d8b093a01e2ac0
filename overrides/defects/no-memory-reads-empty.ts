import type { Override } from '../../model/rules.ts';

/** The failure and an empty queue were both told by a null pointer. */
export const noMemoryReadsEmpty: Override = {
  name: 'no-memory-reads-empty',
  kind: 'defect',
  summary: 'a read without memory for the lost-events header finds the queue empty',
  source: 'iommufd: Propagate allocation failure in iommufd_veventq_deliver_fetch() (2026-06)',
  foundBy: 'waiting-events-are-not-silent',
  rules: { iommufd: { tellsNoMemory: false } },
};
