import type { CommandArgs } from '../world/command.ts';
import { copyWorld } from '../world/copy.ts';
import { done, type Result, refused } from '../world/result.ts';
import type { Tx } from '../world/tx.ts';

/** To which page each page leads. */
export type PageMap = Readonly<Record<number, number>>;

declare module '../world/world.ts' {
  interface World {
    /** Null where no VMM repeats mappings of its guest. */
    readonly repeated: Repeated | null;
  }
}

export interface Repeated {
  /** The guest's table. */
  readonly guest: PageMap;
  /** What the VMM has the host map for the devices behind the IOMMU. */
  readonly host: PageMap;
}

/** Pages there are: enough to go around every range, and few enough to look at each. */
export const PAGES = 64;

/** A change of pages that are there. */
function change(tx: Tx, first: number, pages: number, how: (repeated: Repeated) => Repeated): Result {
  const { repeated } = tx.world;
  if (repeated === null) return refused('ENODEV');
  if (first + pages > PAGES) return refused('EINVAL');
  const world = copyWorld(tx.world);
  world.repeated = how(repeated);
  tx.world = world;
  return done();
}

export function repeatedMap(tx: Tx, { first, pages, to }: CommandArgs['repeatedMap']): Result {
  return change(tx, first, pages, ({ guest, host }) => {
    const next: Record<number, number> = { ...guest };
    for (let page = 0; page < pages; page++) next[first + page] = to + page;
    return { guest: next, host };
  });
}

export function repeatedUnmap(tx: Tx, { first, pages }: CommandArgs['repeatedUnmap']): Result {
  return change(tx, first, pages, ({ guest, host }) => ({
    guest: without(guest, first, first + pages - 1),
    host,
  }));
}

function without(map: PageMap, first: number, last: number): PageMap {
  const next: Record<number, number> = { ...map };
  for (let page = first; page <= last; page++) delete next[page];
  return next;
}

/**
 * An invalidation. Of pages, each notifier that they touch hears by itself; of everything, the VMM empties the range of one
 * notifier after the other and maps in it again what it finds (vtd_iommu_replay()).
 */
export function repeatedFlush(tx: Tx, { first, pages }: CommandArgs['repeatedFlush']): Result {
  const { ranges } = tx.world.platform.notifiers ?? { ranges: [] };
  return change(tx, first, pages, ({ guest, host }) => {
    let next = host;
    for (const range of ranges) {
      const from = pages === 0 ? range.first : Math.max(range.first, first);
      const to = pages === 0 ? range.last : Math.min(range.last, first + pages - 1);
      const emptied = pages === 0 ? tx.rules.notifiers.emptiedSpans(range) : [{ first: from, last: to }];
      for (const span of emptied) next = without(next, span.first, Math.min(span.last, PAGES - 1));
      next = found(next, guest, from, to);
    }
    return { guest, host: next };
  });
}

/** What a walk of the guest's table finds in some pages. */
function found(host: PageMap, guest: PageMap, first: number, last: number): PageMap {
  const next: Record<number, number> = { ...host };
  for (let page = first; page <= last; page++) {
    const to = guest[page];
    if (to !== undefined) next[page] = to;
  }
  return next;
}
