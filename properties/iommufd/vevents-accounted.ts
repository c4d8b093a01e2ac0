import type { Veventq } from '../../model/iommufd/objects.ts';
import { firstObject } from '../look.ts';
import { hasFreeVsmmus } from '../platforms.ts';
import type { StateProperty, Violation } from '../property.ts';

const INT_MAX = 0x7fff_ffff;

function unaccounted({ events, sequence }: Veventq): Violation {
  for (let i = 1; i < events.length; i++) {
    const [before, now] = [events[i - 1], events[i]];
    if (before === undefined || now === undefined) continue;
    if (before.words === null) return 'the header for lost events is not the last';
    if (now.words !== null && now.sequence === before.sequence)
      return `two events have sequence ${now.sequence}`;
  }
  const last = events.at(-1);
  if (last === undefined || last.sequence === ((sequence - 1) & INT_MAX)) return null;
  return `${(sequence - 1 - last.sequence) & INT_MAX} events after sequence ${last.sequence} vanished`;
}

export const veventsAccounted: StateProperty = {
  id: 'vevents-accounted',
  sentence:
    'Every event of a vEVENTQ is delivered, or a sequence gap or a lost-events header accounts for it.',
  source: 'include/uapi/linux/iommufd.h: struct iommufd_vevent_header',
  kind: 'state',
  appliesTo: hasFreeVsmmus,
  brokenBy: 'loss-not-recorded',
  violated: (world) =>
    firstObject(world, (object, id) => {
      const what = object.type === 'veventq' ? unaccounted(object) : null;
      return what === null ? null : `in vEVENTQ ${id}, ${what}`;
    }),
  witness: (world) =>
    firstObject(world, (object) =>
      object.type === 'veventq' && object.events.some((event) => event.words === null) ? true : null,
    ) !== null,
};
