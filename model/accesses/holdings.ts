import { pinsOn } from '../iommufd/access.ts';
import type { Area } from '../iommufd/iopt/table.ts';
import type { Pin } from '../iommufd/pins.ts';
import type { World } from '../world/world.ts';

/** An area, and by whom its pages are held. */
export interface Holding {
  readonly ctx: number;
  readonly area: Area;
  /** Paging HWPTs that map it. */
  readonly hwpts: readonly number[];
  /** Its pages that drivers have pinned, counted from the first, ascending. */
  readonly accessed: readonly number[];
}

/** Every area of every IOAS, by where it is. */
export function holdingsIn(world: World): ReadonlyMap<string, Holding> {
  const found = new Map<string, Holding>();
  for (const [ctx, context] of world.contexts.entries()) {
    const objects = context?.objects ?? [];
    for (const [ioas, slot] of objects.entries()) {
      if (slot?.type !== 'ioas') continue;
      const pins = pinsOn(objects, ioas);
      for (const area of slot.iopt.areas) {
        const accessed = pinnedIn(world, area, pins);
        const { start, last, va } = area;
        found.set([ctx, ioas, start, last, va].join(), { ctx, area, hwpts: slot.hwpts, accessed });
      }
    }
  }
  return found;
}

/** The pages of an area that meet some of the pins. There are few, however large the area is. */
function pinnedIn({ platform }: World, area: Area, pins: readonly Pin[]): readonly number[] {
  const { pageSize } = platform.kernel;
  const found = new Set<number>();
  for (const { start, last } of pins) {
    if (start > area.last || last < area.start) continue;
    const to = last < area.last ? last : area.last;
    for (let iova = start > area.start ? start : area.start; iova <= to; iova += pageSize)
      found.add(Number((iova - area.start) / pageSize));
  }
  return [...found].sort((a, b) => a - b);
}

/** The pages of an area that a domain maps, counted from its first. None of a dma-buf or of doorbells: these are not memory. */
export function pagesIn({ platform }: World, area: Area): readonly number[] {
  const { start, last, dmabuf, doorbell, file } = area;
  if (dmabuf !== undefined || doorbell !== undefined || file !== undefined) return [];
  const { pageSize } = platform.kernel;
  return Array.from({ length: Number((last - start) / pageSize) + 1 }, (_, at) => at);
}

/** The user address of a page of an area. */
export function pageAt({ platform }: World, { va }: Area, at: number): bigint {
  const { pageSize } = platform.kernel;
  return (va & ~(pageSize - 1n)) + BigInt(at) * pageSize;
}
