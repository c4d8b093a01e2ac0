/** Closed intervals of IOVAs, [start, last], as the kernel's interval trees hold them. */
export interface Interval {
  readonly start: bigint;
  readonly last: bigint;
}

/** The first of the intervals that shares an address with [start, last]; `undefined` if none does. */
export function firstOverlap<I extends Interval>(
  intervals: readonly I[],
  start: bigint,
  last: bigint,
): I | undefined {
  for (const interval of intervals) {
    if (interval.start <= last && interval.last >= start) return interval;
  }
  return undefined;
}

/** Inserts in ascending order of `start`; equal starts keep the order of insertion. */
export function insertSorted<I extends Interval>(intervals: readonly I[], interval: I): readonly I[] {
  let at = intervals.length;
  while (at > 0 && (intervals[at - 1] as I).start > interval.start) at--;
  return [...intervals.slice(0, at), interval, ...intervals.slice(at)];
}

/** What no interval of a list (ascending by start) covers, within [start, last]. */
export function holes(intervals: readonly Interval[], start: bigint, last: bigint): readonly Interval[] {
  const result: Interval[] = [];
  let next = start;
  for (const interval of intervals) {
    if (interval.last < next) continue;
    if (interval.start > last) break;
    if (interval.start > next) result.push({ start: next, last: interval.start - 1n });
    if (interval.last >= last) return result;
    next = interval.last + 1n;
  }
  if (next <= last) result.push({ start: next, last });
  return result;
}

/** What the intervals of a list (ascending by start) cover within [start, last], adjacent pieces joined. */
export function covered(intervals: readonly Interval[], start: bigint, last: bigint): readonly Interval[] {
  return holes(holes(intervals, start, last), start, last);
}
