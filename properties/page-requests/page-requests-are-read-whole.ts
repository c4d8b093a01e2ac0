import type { Words } from '../../model/world/command.ts';
import { decodePgfaults, PGFAULT_BYTES, PGFAULT_FLAGS } from '../../spec/iommufd/page-faults.ts';
import { makesPageRequests } from '../platforms.ts';
import type { StepProperty } from '../property.ts';
import { faultQueueRead } from './look.ts';

export const pageRequestsAreReadWhole: StepProperty = {
  id: 'page-requests-are-read-whole',
  sentence:
    'read() of a fault queue returns whole groups of page requests, each with one cookie and its last request at the end.',
  source: 'rule R-34; iommufd: Avoid partial fault group delivery in iommufd_fault_fops_read() (091ab6d)',
  kind: 'step',
  brokenBy: 'page-requests-read-in-part',
  appliesTo: makesPageRequests,
  violated(transition) {
    const waiting = faultQueueRead(transition);
    const { result } = transition;
    if (waiting === null || !result.ok) return null;
    const faults = decodePgfaults((result.out.data ?? []) as Words);
    if (faults.length * PGFAULT_BYTES !== Number(result.out.count))
      return 'the count is not that of the data';
    for (const [at, { cookie, flags }] of faults.entries()) {
      const next = faults[at + 1];
      const isLast = (flags & PGFAULT_FLAGS.LAST_PAGE) !== 0;
      if (isLast !== (next === undefined || next.cookie !== cookie))
        return `page request ${at + 1} of ${faults.length} ${isLast ? 'is not the last under its cookie' : 'is the last that is given, but not of its group'}`;
    }
    return null;
  },
  witness: (transition) =>
    (faultQueueRead(transition) ?? []).some(({ requests }) => requests.length > 1) && transition.result.ok,
};
