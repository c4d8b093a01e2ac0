import { firstObject } from '../look.ts';
import { hasSmmu } from '../platforms.ts';
import type { StateProperty } from '../property.ts';

export const veventqCountExact: StateProperty = {
  id: 'veventq-count-exact',
  sentence: 'A vEVENTQ counts exactly the events that wait in it, and never more than its depth.',
  source: 'iommufd: Balance veventq->num_events inc/dec (6fc85bbbeaea)',
  kind: 'state',
  appliesTo: hasSmmu,
  brokenBy: 'lost-header-counted',
  violated: (world) =>
    firstObject(world, (object, id) => {
      if (object.type !== 'veventq') return null;
      const waiting = object.events.filter((event) => event.words !== null).length;
      if (waiting > object.depth) return `vEVENTQ ${id} of depth ${object.depth} holds ${waiting} events`;
      if (object.numEvents === waiting) return null;
      return `vEVENTQ ${id} counts ${object.numEvents} events, but ${waiting} wait`;
    }),
  witness: (world) =>
    firstObject(world, (object) => (object.type === 'veventq' && object.numEvents > 0 ? true : null)) !==
    null,
};
