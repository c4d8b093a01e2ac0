import { fileOf } from '../../model/world/files.ts';
import { objectOf } from '../look.ts';
import type { StepProperty, Transition } from '../property.ts';

/** poll(2): there is something to read. */
const POLLIN = 1;

/** How much waits in the queue that is polled; null: it is no queue that is polled. */
function waiting({ before, command }: Transition): number | null {
  if (command.command !== 'poll') return null;
  const { of } = fileOf({ world: before }, command.actor, command.args.fd) ?? {};
  if (of?.kind !== 'veventq' && of?.kind !== 'fault') return null;
  const context = before.contexts[of.ctx] ?? null;
  if (context === null) return null;
  if (of.kind === 'veventq') return objectOf(context, of.id, 'veventq')?.events.length ?? null;
  const groups = objectOf(context, of.id, 'fault')?.groups ?? null;
  return groups === null ? null : groups.filter(({ cookie }) => cookie === null).length;
}

export const pollTellsWhatWaits: StepProperty = {
  id: 'poll-tells-what-waits',
  sentence:
    'poll() of a queue says that it can be read while an event, or a group of page requests that nobody has read, waits in it, and only then.',
  source: 'poll(2); drivers/iommu/iommufd/eventq.c: iommufd_eventq_fops_poll()',
  kind: 'step',
  appliesTo: ({ iommus }) => iommus.length > 0,
  brokenBy: 'poll-sleeps-on',
  violated(transition) {
    const found = waiting(transition);
    if (found === null) return null;
    const revents = Number(transition.result.out.revents ?? 0);
    const isReady = (revents & POLLIN) !== 0;
    return isReady === found > 0 ? null : `poll() says ${isReady ? '' : 'not '}to read, and ${found} wait`;
  },
  witness: (transition) => (waiting(transition) ?? 0) > 0,
};
