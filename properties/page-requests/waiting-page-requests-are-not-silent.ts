import { makesPageRequests } from '../platforms.ts';
import type { StepProperty } from '../property.ts';
import { faultQueueRead } from './look.ts';

export const waitingPageRequestsAreNotSilent: StepProperty = {
  id: 'waiting-page-requests-are-not-silent',
  sentence:
    'read() of a fault queue with waiting page requests returns a group of them or an error. It returns no bytes only if none waits.',
  source:
    'read(2): zero is the end of the file; iommufd: Reject invalid read count in iommufd_fault_fops_read()',
  kind: 'step',
  brokenBy: 'short-fault-read-is-eof',
  appliesTo: makesPageRequests,
  violated(transition) {
    const { result } = transition;
    if (!result.ok || Number(result.out.count ?? 0) > 0) return null;
    const waiting = (faultQueueRead(transition) ?? []).filter(({ cookie }) => cookie === null);
    return waiting.length === 0 ? null : `read() gives no bytes although ${waiting.length} groups wait`;
  },
  witness: (transition) =>
    !transition.result.ok && (faultQueueRead(transition) ?? []).some(({ cookie }) => cookie === null),
};
