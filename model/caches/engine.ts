import type { World } from '../world/world.ts';
import { type Covers, leftOf, type Pieces, takesSome, withoutParts } from './pages.ts';

/*
 * Caches that may hold something, or not: hardware fetches when it likes, and holds what it fetched until an invalidation
 * takes it away. A machine says what can be fetched, and what its invalidations cover.
 */

/** Something that a cache may hold. `key` tells entries apart and orders them. */
export interface Keyed {
  readonly key: string;
}

/** What caches may hold, by key. */
export type Held<E> = ReadonlyMap<string, E>;

/** The caches of some machine. */
export interface Caches<E extends Keyed> extends Pieces<E> {
  /** What may be held, given what may be held already: that, and whatever can be fetched now through any of it. */
  fetched(world: World, held: Iterable<E>): Held<E>;
}

/** Whether an invalidation takes any of what is held. */
export function takesAny<E>(pieces: Pieces<E>, held: Iterable<E>, covers: Covers<E>): boolean {
  for (const entry of held) if (takesSome(pieces, covers, entry)) return true;
  return false;
}

/** After an invalidation: what it left, and what is fetched anew through that. */
export function invalidated<E extends Keyed>(
  caches: Caches<E>,
  world: World,
  held: Held<E>,
  covers: Covers<E>,
): Held<E> {
  return takesAny(caches, held.values(), covers)
    ? caches.fetched(world, left(caches, held.values(), covers))
    : held;
}

/** What an invalidation leaves. */
export function* left<E>(pieces: Pieces<E>, held: Iterable<E>, covers: Covers<E>): Generator<E> {
  for (const entry of held) yield* leftOf(pieces, covers, entry);
}

/**
 * What has to be remembered of what may be held: what would not be fetched any longer, ascending by key. `remembered` before,
 * where that is the same.
 */
export function stale<E extends Keyed>(
  pieces: Pieces<E>,
  held: Iterable<E>,
  fetched: { has(key: string): boolean },
  remembered: readonly E[],
): readonly E[] {
  const all = [...held];
  const old = all.filter(({ key }) => !fetched.has(key));
  const now = withoutParts(pieces, old, all).toSorted((a, b) => (a.key < b.key ? -1 : 1));
  const same = now.length === remembered.length && now.every(({ key }, at) => key === remembered[at]?.key);
  return same ? remembered : now;
}

/** What follows from a world, derived once for each, and for the world that was asked for last: most differ from it in nothing that counts. */
export function derivedOnce<V>(
  derive: (world: World) => V,
  same: (a: World, b: World) => boolean,
): (world: World) => V {
  const views = new WeakMap<World, V>();
  let last: World | null = null;
  return (world) => {
    let view = views.get(world);
    if (view !== undefined) return view;
    if (last !== null && same(last, world)) view = views.get(last);
    view ??= derive(world);
    views.set(world, view);
    last = world;
    return view;
  };
}
