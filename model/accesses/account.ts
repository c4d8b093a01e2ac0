import type { PinnedPage, Pins } from '../iommufd/pins.ts';
import type { Tx } from '../world/tx.ts';
import type { World } from '../world/world.ts';
import { settleDmabufs } from './dmabuf.ts';
import { type Holding, holdingsIn, pageAt, pagesIn } from './holdings.ts';

/*
 * What the kernel pins and unpins as areas, domains and pins of drivers come and go (iopt_pages: a page is pinned once,
 * whoever of an area needs it). Areas that IOAS_COPY made count their pages by themselves here, and together with the
 * original in the kernel: no answer depends on it.
 */

/** Adds to how often a page is pinned. */
type Count = (va: bigint, by: number) => void;

/** Brings the count of every page from what held it before to what does now. */
export function settlePins(before: World, tx: Tx): void {
  const { pins } = tx.world;
  const same = before.contexts === tx.world.contexts && before.files === tx.world.files;
  if (pins === null || same) return;
  const was = holdingsIn(before);
  const is = holdingsIn(tx.world);
  const next = settleDmabufs(tx, pins, was, is);
  // Where mock devices are, whoever asks how often a page is pinned is told by what holds it.
  putPins(tx, tx.world.mock === null ? { ...next, pages: settlePages(tx, pins, was, is) } : next);
}

function settlePages(
  tx: Tx,
  pins: Pins,
  was: ReadonlyMap<string, Holding>,
  is: ReadonlyMap<string, Holding>,
): readonly PinnedPage[] {
  const counts = new Map(pins.pages.map(({ va, count }) => [va, count]));
  const count: Count = (va, by) => counts.set(va, (counts.get(va) ?? 0) + by);
  for (const [key, old] of was)
    settleArea(tx, count, old, is.get(key) ?? { ...old, hwpts: [], accessed: [] });
  for (const [key, now] of is) {
    if (!was.has(key)) settleArea(tx, count, { ...now, hwpts: [], accessed: [] }, now);
  }
  const pages = [...counts].flatMap(([va, n]): readonly PinnedPage[] => (n === 0 ? [] : [{ va, count: n }]));
  return pages.sort((a, b) => (a.va < b.va ? -1 : 1));
}

/** Drivers unpin before a domain goes, and a domain that is there has every page pinned already. */
function settleArea({ world, rules }: Tx, count: Count, old: Holding, now: Holding): void {
  const { area } = old;
  const page = (at: number, by: number): void => count(pageAt(world, area, at), by);
  const had = old.hwpts.length > 0;
  const has = now.hwpts.length > 0;
  if (!had) {
    for (const at of old.accessed) if (!now.accessed.includes(at)) page(at, -1);
    for (const at of now.accessed) if (!old.accessed.includes(at)) page(at, 1);
  }
  if (had === has) return;
  const pages = pagesIn(world, area);
  if (has) for (const at of pages) if (!now.accessed.includes(at)) page(at, 1);
  if (had) for (const at of rules.accesses.leftByDomains(pages.length, now.accessed)) page(at, -1);
}

export function putPins(tx: Tx, pins: Pins): void {
  tx.world = { ...tx.world, pins };
}
