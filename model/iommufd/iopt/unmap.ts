import type { Errno } from '../../../spec/errno.ts';
import { firstOverlap, type Interval } from '../interval.ts';
import { type Area, type IoPageTable, withAreas } from './table.ts';

/** What an unmap took away, and why it stopped, if it did. */
export interface Unmapped {
  readonly iopt: IoPageTable;
  /** Bytes. */
  readonly bytes: bigint;
  readonly errno: Errno | null;
  /** Whether no area has anything to do with the range. */
  readonly nothing: boolean;
}

/**
 * Takes away all areas of [start, last], in ascending order, until one holds something that is locked or is still being
 * mapped (EBUSY), or is only partly inside (ENOENT). What was taken until then stays away (rule R-11).
 */
export function unmapRange(
  iopt: IoPageTable,
  start: bigint,
  last: bigint,
  locked: readonly Interval[] = [],
): Unmapped {
  const kept: Area[] = [];
  let bytes = 0n;
  let errno: Errno | null = null;
  let nothing = true;
  for (const area of iopt.areas) {
    const outside = area.last < start || area.start > last;
    const busy = area.filling === true || firstOverlap(locked, area.start, area.last) !== undefined;
    if (!outside && busy) errno ??= 'EBUSY';
    if (!outside && (area.start < start || area.last > last)) errno ??= 'ENOENT';
    nothing &&= outside;
    if (outside || errno !== null) kept.push(area);
    else bytes += area.last - area.start + 1n;
  }
  if (bytes === 0n) return { iopt, bytes, errno: errno ?? 'ENOENT', nothing };
  return { iopt: withAreas(iopt, kept), bytes, errno, nothing };
}

/** Cuts areas in two behind each of these addresses (iopt_cut_iova()): EINVAL where the halves would not be aligned, EOPNOTSUPP of a dma-buf. */
export function cutAreas(iopt: IoPageTable, lasts: readonly bigint[]): IoPageTable | Errno {
  let { areas } = iopt;
  for (const last of lasts) {
    const area = firstOverlap(areas, last, last);
    // Behind its first byte an area is not cut: iopt_area_split() takes that for its beginning.
    if (area === undefined || area.last === last || area.start === last) continue;
    const start = last + 1n;
    const va = area.va + (start - area.start);
    if (area.filling === true) return 'EBUSY';
    if (area.dmabuf !== undefined) return 'EOPNOTSUPP';
    if (((start | va) & (iopt.alignment - 1n)) !== 0n) return 'EINVAL';
    areas = areas.flatMap((each) =>
      each === area
        ? [
            { ...area, last },
            { ...area, start, va, ...doorbellFrom(area, start) },
          ]
        : [each],
    );
  }
  return areas === iopt.areas ? iopt : withAreas(iopt, areas);
}

/** The doorbells that an area of them has from an address on. */
function doorbellFrom({ doorbell, start }: Area, from: bigint): Pick<Area, 'doorbell'> {
  return doorbell === undefined ? {} : { doorbell: { ...doorbell, page: doorbell.page + (from - start) } };
}
