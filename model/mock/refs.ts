import { pinsOn } from '../iommufd/access.ts';
import type { Interval } from '../iommufd/interval.ts';
import type { Area } from '../iommufd/iopt/table.ts';
import type { Tx } from '../world/tx.ts';
import { type Frame, frameIn, least } from './memory.ts';

/** Memory that is pinned, in whole pages. */
interface Holder {
  readonly space: number;
  readonly start: bigint;
  readonly end: bigint;
  /** Pages that were brought in together are pinned once, whoever of them needs it. */
  readonly pages: number;
}

/** Everything that is pinned: what domains map, and what accesses have pinned where none does. */
export function holdersOf(tx: Tx): readonly Holder[] {
  const holders: Holder[] = [];
  for (const context of tx.world.contexts) {
    const objects = context?.objects ?? [];
    for (const [ioas, slot] of objects.entries()) {
      if (slot?.type !== 'ioas') continue;
      const pins = pinsOn(objects, ioas);
      for (const area of slot.iopt.areas) {
        const ranges = slot.hwpts.length > 0 ? [area] : pins;
        for (const range of ranges) addHolders(tx, holders, area, range, area.pages ?? 0);
      }
    }
  }
  return holders;
}

function addHolders(tx: Tx, holders: Holder[], area: Area, range: Interval, pages: number): void {
  const mask = tx.world.platform.kernel.pageSize - 1n;
  const last = least(area.last, range.last);
  for (let iova = range.start > area.start ? range.start : area.start; iova <= last; ) {
    const frame = frameIn(tx, area, iova);
    if (frame === null) return;
    const left = least(frame.left, last - iova + 1n);
    const { space, at } = frame;
    holders.push({ space, start: at & ~mask, end: (at + left + mask) & ~mask, pages });
    iova += left;
  }
}

/** How often a page is pinned, and for how many bytes from there on it is as often. */
export function refsAt(
  holders: readonly Holder[],
  { space, at, left }: Frame,
): { readonly count: number; readonly left: bigint } {
  const pages = new Set<number>();
  let same = left;
  for (const holder of holders) {
    if (holder.space !== space || holder.end <= at) continue;
    if (holder.start > at) {
      same = least(same, holder.start - at);
      continue;
    }
    pages.add(holder.pages);
    same = least(same, holder.end - at);
  }
  return { count: pages.size, left: same };
}
