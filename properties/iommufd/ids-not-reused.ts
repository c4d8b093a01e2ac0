import type { Context, Slot } from '../../model/iommufd/context.ts';
import type { Command } from '../../model/world/command.ts';
import { hasFreeVsmmus } from '../platforms.ts';
import type { StepProperty, Violation } from '../property.ts';

/** An id may pass from an object to another only through being free; a tombstone never becomes an object. */
function reused(before: Context, after: Context, command: Command): Violation {
  for (let id = 1; id < before.objects.length; id++) {
    const old: Slot = before.objects[id] ?? null;
    const now: Slot = after.objects[id] ?? null;
    if (old === null || now === null || old === now || now.type === old.type) continue;
    if (now.type === 'tombstone' && old.type === 'vdevice') continue;
    return `${command.command} gave id ${id} of a ${old.type} to a ${now.type}`;
  }
  return null;
}

export const idsNotReused: StepProperty = {
  id: 'ids-not-reused',
  sentence:
    'The id of an object passes to another object only after it was destroyed. So does the id of a vDEVICE that went with its device.',
  source: 'Linux 7.2 iommufd_device_unbind(): the vDEVICE leaves a tombstone',
  kind: 'step',
  appliesTo: hasFreeVsmmus,
  brokenBy: 'tombstone-reused',
  violated({ before, world: after, command, effects }) {
    // A VMM's step is many calls, and an id can be free between two of them.
    if (before.contexts === after.contexts || effects.some(({ kind }) => kind === 'vmmCall')) return null;
    for (let ctx = 0; ctx < before.contexts.length; ctx++) {
      const old = before.contexts[ctx] ?? null;
      const now = after.contexts[ctx] ?? null;
      if (old === null || now === null || old === now) continue;
      const violation = reused(old, now, command);
      if (violation !== null) return violation;
    }
    return null;
  },
  witness: ({ before }) =>
    before.contexts.some((context) => context?.objects.some((slot) => slot?.type === 'tombstone') ?? false),
};
