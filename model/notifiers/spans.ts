import type { PageSpan } from '../platform/notifiers.ts';

/** A range in as few spans as there are whose number of pages is a power of two, and their first page a multiple of it. */
export function alignedSpans({ first, last }: PageSpan): readonly PageSpan[] {
  const spans: PageSpan[] = [];
  let at = first;
  while (at <= last) {
    let size = 1;
    while (at % (2 * size) === 0 && at + 2 * size - 1 <= last) size *= 2;
    spans.push({ first: at, last: at + size - 1 });
    at += size;
  }
  return spans;
}
