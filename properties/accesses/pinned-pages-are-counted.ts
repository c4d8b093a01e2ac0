import type { Area } from '../../model/iommufd/iopt/table.ts';
import type { Access } from '../../model/iommufd/objects.ts';
import type { World } from '../../model/world/world.ts';
import { firstObject, hex } from '../look.ts';
import { hasMediated } from '../platforms.ts';
import type { StateProperty } from '../property.ts';

/** An area with memory behind it, whether a domain maps it, and what drivers have pinned of its IOAS. */
interface Held {
  readonly area: Area;
  readonly mapped: boolean;
  readonly pins: readonly { readonly start: bigint; readonly last: bigint }[];
}

function heldAreas(world: World): readonly Held[] {
  const found: Held[] = [];
  firstObject(world, (ioas, id, context) => {
    if (ioas.type !== 'ioas') return null;
    const objects = context.objects.filter((each) => each !== null);
    const mapped = objects.some((each) => each.type === 'hwptPaging' && each.ioas === id);
    const pins = objects.flatMap((each) => (each.type === 'access' && pinned(each) === id ? each.pins : []));
    for (const area of ioas.iopt.areas)
      if (area.dmabuf === undefined && area.doorbell === undefined && area.file === undefined)
        found.push({ area, mapped, pins });
    return null;
  });
  return found;
}

/** The IOAS whose pages an access has pinned: while it is moved, still the one that it leaves. */
function pinned({ ioas, moving }: Access): number | null {
  return ioas ?? moving?.from ?? null;
}

/** How many areas hold each page: for all of an area where a domain maps it, else where a driver has pinned. */
function held(world: World): Map<bigint, number> {
  const { pageSize } = world.platform.kernel;
  const counts = new Map<bigint, number>();
  for (const { area, mapped, pins } of heldAreas(world)) {
    const pages = new Set<bigint>();
    // Areas that nobody uses can be larger than all memory: what is looked at is what a domain or a driver needs.
    for (const { start, last } of mapped ? [area] : pins) {
      const skipped = start > area.start ? (start - area.start) / pageSize : 0n;
      for (let at = area.start + skipped * pageSize; at <= min(last, area.last); at += pageSize) {
        const va = area.va + (at - area.start);
        pages.add(va - (va % pageSize));
      }
    }
    for (const page of pages) counts.set(page, (counts.get(page) ?? 0) + 1);
  }
  return counts;
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
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
  witness: (world) => heldAreas(world).some(({ mapped, pins }) => mapped && pins.length > 0),
};
