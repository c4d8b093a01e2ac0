import type { Interval } from './interval.ts';
import type { Area } from './iopt/table.ts';

/** Whether an area leads where another does in the pages that both have, and allows the same: the other was cut, or belongs to another process. */
function leadsOn(to: Area, area: Area): boolean {
  return (
    to.va - to.start === area.va - area.start &&
    to.readable === area.readable &&
    to.writeable === area.writeable &&
    to.dmabuf === area.dmabuf &&
    to.file === area.file &&
    doorbellOffset(to) === doorbellOffset(area)
  );
}

/** By how much doorbells are away from where they are mapped; null: there are none. */
function doorbellOffset({ doorbell, start }: Area): bigint | null {
  return doorbell === undefined ? null : doorbell.page - start;
}

/**
 * What areas led to that are left no longer, area by area, each list ascending. What is left of an area that was cut in two
 * is not lost: nobody takes it out of a domain's tables.
 */
export function lostAreas(areas: readonly Area[], left: readonly Area[]): readonly Interval[] {
  const lost: Interval[] = [];
  for (const area of areas) {
    if (left.includes(area)) continue;
    let { start } = area;
    for (const kept of left) {
      if (kept.last < start || kept.start > area.last || !leadsOn(kept, area)) continue;
      if (kept.start > start) lost.push({ start, last: kept.start - 1n });
      start = kept.last + 1n;
    }
    if (start <= area.last) lost.push({ start, last: area.last });
  }
  return lost;
}
