import { PAGE_RESPONSE_BYTES } from '../../spec/iommufd/page-faults.ts';
import { makesPageRequests } from '../platforms.ts';
import type { StepProperty, Transition } from '../property.ts';

/** How many groups a write to a queue answered; null: it was no write. */
function answered({ command, effects }: Transition): number | null {
  return command.command === 'write' ? effects.filter(({ kind }) => kind === 'pageResponse').length : null;
}

export const answersAreCounted: StepProperty = {
  id: 'answers-are-counted',
  sentence:
    'write() to a fault queue returns the bytes of the answers that it took. Each of these answered a group.',
  source: 'write(2); iommufd: Fix return value of iommufd_fault_fops_write()',
  kind: 'step',
  appliesTo: makesPageRequests,
  brokenBy: 'unread-answer-counted',
  violated(transition) {
    const groups = answered(transition);
    if (groups === null) return null;
    const told = transition.result.ok ? Number(transition.result.out.count ?? 0) : 0;
    return told === groups * PAGE_RESPONSE_BYTES
      ? null
      : `write() told of ${told} bytes, and ${groups} groups were answered`;
  },
  witness: (transition) => (answered(transition) ?? 0) > 0,
};
