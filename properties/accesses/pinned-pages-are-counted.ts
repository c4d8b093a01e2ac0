import { holdingsIn, pageAt, pagesIn } from '../../model/accesses/holdings.ts';
import type { World } from '../../model/world/world.ts';
import { hex } from '../look.ts';
import { hasMediated } from '../platforms.ts';
import type { StateProperty } from '../property.ts';

/** How many areas hold each page: for all of an area where a domain maps it, else where a driver has pinned. */
function held(world: World): Map<bigint, number> {
  const counts = new Map<bigint, number>();
  for (const { area, hwpts, accessed } of holdingsIn(world).values()) {
    for (const at of hwpts.length > 0 ? pagesIn(world, area) : accessed) {
      const va = pageAt(world, area, at);
      counts.set(va, (counts.get(va) ?? 0) + 1);
    }
  }
  return counts;
}

export const pinnedPagesAreCounted: StateProperty = {
  id: 'pinned-pages-are-counted',
  sentence:
    'A user page is pinned once for each area that maps it to a domain or pins it for a driver. A page that no area holds is not pinned.',
  source: 'rules R-10, R-17; drivers/iommu/iommufd/pages.c: iopt_pages; Fixes 8d160cd4d506',
  kind: 'state',
  brokenBy: 'unpin-runs-past-access',
  appliesTo: hasMediated,
  violated(world) {
    const wanted = held(world);
    const wrong = (world.pins?.pages ?? []).find(({ va, count }) => count !== (wanted.get(va) ?? 0));
    if (wrong !== undefined)
      return `the page at ${hex(wrong.va)} is pinned ${wrong.count} times, and ${wanted.get(wrong.va) ?? 0} areas hold it`;
    const pinned = new Set(world.pins?.pages.map(({ va }) => va));
    const lost = [...wanted.keys()].find((va) => !pinned.has(va));
    return lost === undefined ? null : `the page at ${hex(lost)} is in use and not pinned`;
  },
  witness: (world) =>
    [...holdingsIn(world).values()].some(({ hwpts, accessed }) => hwpts.length > 0 && accessed.length > 0),
};
