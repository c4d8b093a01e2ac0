import { hasFreeVsmmus } from '../platforms.ts';
import type { StepProperty } from '../property.ts';
import { queueRead } from './veventq-read-is-faithful.ts';

export const waitingEventsAreNotSilent: StepProperty = {
  id: 'waiting-events-are-not-silent',
  sentence:
    'read() of a queue with waiting events returns one of them or an error. It returns no bytes only if the queue is empty.',
  source: 'read(2): zero is the end of the file; rules R-33 and R-34',
  kind: 'step',
  appliesTo: hasFreeVsmmus,
  brokenBy: 'short-read-is-eof',
  violated(transition) {
    const queue = queueRead(transition);
    const { result } = transition;
    if (queue === null || !result.ok || Number(result.out.count ?? 0) > 0) return null;
    const waiting = queue.before.events.length;
    return waiting === 0 ? null : `read() gives no bytes although ${waiting} events wait`;
  },
  witness: (transition) => !transition.result.ok && (queueRead(transition)?.before.events.length ?? 0) > 0,
};
