import type { Call } from '../../model/call.ts';
import { PAGES } from '../../model/notifiers/machine.ts';
import type { World } from '../../model/world/world.ts';
import { type Draw, oneIn, pick } from './choice.ts';

/** What a guest does next with an IOMMU whose mappings are repeated: near the ends of notifiers' ranges, mostly. */
export function generateNotifierCall({ platform }: World, draw: Draw): Call {
  const actor = `guest:${platform.vms[0]}`;
  const pages = 1 + draw(4);
  const first = Math.min(place(platform.notifiers?.ranges ?? [], draw), PAGES - pages);
  switch (draw(6)) {
    case 0:
    case 1:
    case 2:
      return { actor, command: 'repeatedMap', args: { first, pages, to: draw(256) } };
    case 3:
      return { actor, command: 'repeatedUnmap', args: { first, pages } };
    case 4:
      return { actor, command: 'repeatedFlush', args: { first, pages: oneIn(20, draw) ? 2 * PAGES : pages } };
    default:
      return { actor, command: 'repeatedFlush', args: {} };
  }
}

function place(ranges: readonly { first: number; last: number }[], draw: Draw): number {
  if (ranges.length === 0 || oneIn(3, draw)) return draw(PAGES);
  const { first, last } = pick(ranges, draw);
  return Math.max(0, (oneIn(2, draw) ? first : last) + 1 - draw(4));
}
