import { PAGE_RESPONSE_BYTES } from '../../spec/iommufd/page-faults.ts';
import { makesPageRequests } from '../platforms.ts';
import type { StepProperty, Transition } from '../property.ts';
import { type Queued, queued } from './look.ts';

/** How many groups a write to a queue answered; null: it was no write. */
function answered({ command, effects }: Transition): number | null {
  return command.command === 'write' ? effects.filter(({ kind }) => kind === 'pageResponse').length : null;
}

/** A group that went, and that no answer names; null: there is none. Before it is read, a group has no name. */
function answeredUnnamed({ before, world, command }: Transition): Queued | null {
  const words = command.command === 'write' ? (command.args.data ?? []) : [];
  const named = new Set<number | null>(words.map((word) => Number(word % 0x1_0000_0000n)));
  for (const group of queued(before)) {
    const { ctx, queue, cookie, requests } = group;
    if (named.has(cookie)) continue;
    const stays = queued(world).some(
      (each) =>
        each.ctx === ctx &&
        each.queue === queue &&
        (cookie === null ? each.requests === requests : each.cookie === cookie),
    );
    if (!stays) return group;
  }
  return null;
}

export const answersAreCounted: StepProperty = {
  id: 'answers-are-counted',
  sentence:
    'write() to a fault queue returns the bytes of the answers that it took. Each of these answered the group that its cookie names.',
  source: 'write(2); iommufd: Fix return value of iommufd_fault_fops_write()',
  kind: 'step',
  appliesTo: makesPageRequests,
  brokenBy: 'unread-answer-counted',
  violated(transition) {
    const groups = answered(transition);
    if (groups === null) return null;
    const told = transition.result.ok ? Number(transition.result.out.count ?? 0) : 0;
    if (told !== groups * PAGE_RESPONSE_BYTES)
      return `write() told of ${told} bytes, and ${groups} groups were answered`;
    const other = answeredUnnamed(transition);
    return other === null
      ? null
      : `the group ${other.cookie === null ? 'that nobody has read' : `with cookie ${other.cookie}`} was answered, which the answers do not name`;
  },
  witness: (transition) => (answered(transition) ?? 0) > 0,
};
