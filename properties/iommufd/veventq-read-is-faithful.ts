import type { VeventNode, Veventq } from '../../model/iommufd/objects.ts';
import { HEADER_BYTES } from '../../model/iommufd/veventq.ts';
import { fileOf } from '../../model/world/files.ts';
import { VEVENTQ_FLAG_LOST_EVENTS } from '../../spec/iommufd/constants.ts';
import { objectIn } from '../look.ts';
import { hasFreeVsmmus } from '../platforms.ts';
import type { StepProperty, Transition } from '../property.ts';

/** The vEVENTQ that a read() is about, before it and after it; null for other steps. */
export function queueRead({
  before,
  world,
  command,
}: Transition): { readonly before: Veventq; readonly after: Veventq | null } | null {
  if (command.command !== 'read') return null;
  const file = fileOf({ world: before }, command.actor, command.args.fd);
  if (file?.of.kind !== 'veventq') return null;
  const { ctx, id } = file.of;
  const [then, now] = [before, world].map((each) => objectIn(each, ctx, id, 'veventq'));
  return then === null || then === undefined ? null : { before: then, after: now ?? null };
}

/** An event as a reader gets it: the header (flags, sequence), and the record unless it stands for lost ones. */
function asRead({ sequence, words }: VeventNode): readonly bigint[] {
  const flags = words === null ? VEVENTQ_FLAG_LOST_EVENTS : 0;
  return [(BigInt(sequence) << 32n) | BigInt(flags), ...(words ?? [])];
}

export const veventqReadIsFaithful: StepProperty = {
  id: 'veventq-read-is-faithful',
  sentence: 'read() of a vEVENTQ returns exactly the events that it removes from the queue.',
  source: 'include/uapi/linux/iommufd.h: struct iommufd_vevent_header; rule R-33',
  kind: 'step',
  appliesTo: hasFreeVsmmus,
  brokenBy: 'header-counted-on-fault',
  violated(transition) {
    const queue = queueRead(transition);
    const { result } = transition;
    if (queue === null || !result.ok) return null;
    const took = queue.before.events.slice(0, queue.before.events.length - (queue.after?.events.length ?? 0));
    const expected = took.flatMap(asRead);
    const given = (result.out.data ?? []) as readonly bigint[];
    const count = Number(result.out.count ?? 0);
    const bytes = expected.length * HEADER_BYTES;
    if (count !== bytes)
      return `read() gives ${count} bytes, but the ${took.length} events that it took are ${bytes}`;
    return expected.every((word, at) => word === given[at])
      ? null
      : 'read() gives other words than those of the events that it took';
  },
  witness: (transition) =>
    queueRead(transition) !== null && transition.result.ok && Number(transition.result.out.count ?? 0) > 0,
};
