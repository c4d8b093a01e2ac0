/** A run of pages: input pages `first` to `last` lead to output pages from `out` on. Page numbers, not addresses. */
export interface Run {
  readonly first: number;
  readonly last: number;
  readonly out: number;
}

export function includesPage({ first, last }: Run, page: number): boolean {
  return first <= page && page <= last;
}

/** The output page of an input page that the run includes. */
export function outputOf({ first, out }: Run, page: number): number {
  return out + (page - first);
}

/** Input pages, both ends included. */
export interface PageRange {
  readonly first: number;
  readonly last: number;
}

/** Ranges in ascending order, none of which meets or touches the next. */
export type Pages = readonly PageRange[];

/** What invalidations take of something that is held: of translations some input pages, of all else the whole or nothing. */
export type Covers<E> = (entry: E) => Pages;

export const NO_PAGES: Pages = Object.freeze([]);
export const EVERY_PAGE: Pages = Object.freeze([{ first: 0, last: Number.POSITIVE_INFINITY }]);

/** Ranges as pages: sorted, and what meets or touches put together. */
export function pagesOf(ranges: readonly PageRange[]): Pages {
  if (ranges.length < 2) return ranges;
  const merged: PageRange[] = [];
  for (const range of ranges.toSorted((a, b) => a.first - b.first)) {
    const before = merged.at(-1);
    if (before === undefined || range.first > before.last + 1) merged.push(range);
    else if (range.last > before.last) merged[merged.length - 1] = { first: before.first, last: range.last };
  }
  return merged;
}

/** How the entries of some machine's caches are put into pieces. */
export interface Pieces<E> {
  /** The entry as a run of pages; null: it is none, and is held or not as a whole. */
  runOf(entry: E): Run | null;
  /** The entry for some of its pages only. */
  part(entry: E, first: number, last: number): E;
  /** Whether two entries differ in the pages that they are about only: same cache, tags and rights, and every page leads to the same place. */
  sameLine(a: E, b: E): boolean;
}

/** Whether the whole of an entry is taken away: of a run all pages, for hardware may hold each of them by itself. */
export function takesWhole<E>(pieces: Pieces<E>, covers: Covers<E>, entry: E): boolean {
  const pages = covers(entry);
  if (pages.length === 0) return false;
  const run = pieces.runOf(entry);
  return run === null || pages.some(({ first, last }) => first <= run.first && run.last <= last);
}

/** Whether any of an entry is taken away. */
export function takesSome<E>(pieces: Pieces<E>, covers: Covers<E>, entry: E): boolean {
  const pages = covers(entry);
  if (pages.length === 0) return false;
  const run = pieces.runOf(entry);
  return run === null || pages.some(({ first, last }) => first <= run.last && run.first <= last);
}

/** What is left of an entry: nothing, all of it, or its pages before, between and behind those that are taken. */
export function leftOf<E>(pieces: Pieces<E>, covers: Covers<E>, entry: E): readonly E[] {
  if (!takesSome(pieces, covers, entry)) return [entry];
  const run = pieces.runOf(entry);
  if (run === null) return [];
  const left: E[] = [];
  let from = run.first;
  for (const { first, last } of covers(entry)) {
    if (last < from) continue;
    if (first > run.last) break;
    if (first > from) left.push(pieces.part(entry, from, first - 1));
    from = last + 1;
  }
  if (from <= run.last) left.push(pieces.part(entry, from, run.last));
  return left;
}

/** An entry in pieces, of each of which every one of the invalidations takes all or nothing. */
export function cutBy<E>(pieces: Pieces<E>, all: readonly Covers<E>[], entry: E): readonly E[] {
  const run = pieces.runOf(entry);
  if (run === null || run.first === run.last) return [entry];
  const starts = new Set<number>();
  for (const covers of all) {
    for (const { first, last } of covers(entry)) {
      if (first > run.first && first <= run.last) starts.add(first);
      if (last >= run.first && last < run.last) starts.add(last + 1);
    }
  }
  if (starts.size === 0) return [entry];
  const ascending = [run.first, ...[...starts].sort((a, b) => a - b)];
  return ascending.map((first, i) => pieces.part(entry, first, (ascending[i + 1] ?? run.last + 1) - 1));
}

/** Whether an entry, or a run of its line that includes all of its pages, is among those held. */
export function isHeld<E extends { readonly key: string }>(
  pieces: Pieces<E>,
  held: ReadonlyMap<string, E>,
  entry: E,
): boolean {
  if (held.has(entry.key)) return true;
  const run = pieces.runOf(entry);
  if (run === null) return false;
  for (const other of held.values()) {
    const wider = pieces.runOf(other);
    if (wider === null || wider.first > run.first || wider.last < run.last) continue;
    if (pieces.sameLine(entry, other)) return true;
  }
  return false;
}

/** Entries without those that say nothing that another does not: runs all of whose pages lie in a longer one of their line. */
export function withoutParts<E>(pieces: Pieces<E>, entries: readonly E[], among: Iterable<E>): readonly E[] {
  if (entries.length === 0) return entries;
  const long: { readonly entry: E; readonly run: Run }[] = [];
  for (const entry of among) {
    const run = pieces.runOf(entry);
    if (run !== null && run.last > run.first) long.push({ entry, run });
  }
  if (long.length === 0) return entries;
  return entries.filter((entry) => {
    const run = pieces.runOf(entry);
    return (
      run === null ||
      !long.some(
        ({ entry: other, run: wider }) =>
          wider.last - wider.first > run.last - run.first &&
          wider.first <= run.first &&
          run.last <= wider.last &&
          pieces.sameLine(entry, other),
      )
    );
  });
}
