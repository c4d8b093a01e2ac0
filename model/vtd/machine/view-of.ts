import { areasOf } from '../../smmu/driver/domains.ts';
import type { World } from '../../world/world.ts';
import { deriveVtd, type VtdView } from './view.ts';

/** Whether hardware would fetch the same in two worlds. Compares references, so that it may say no where nothing differs. */
export function sameVtdSource(a: World, b: World): boolean {
  if (a.platform !== b.platform || a.vtd === null || b.vtd === null) return false;
  if (a.vtd.driver !== b.vtd.driver || a.vtd.memory !== b.vtd.memory) return false;
  if (a.contexts === b.contexts) return true;
  return a.vtd.driver.placed.every((ref) => ref === null || areasOf(a, ref) === areasOf(b, ref));
}

const views = new WeakMap<World, VtdView>();

/** The world whose view was asked for last: most worlds differ from it in nothing that a view depends on. */
let last: World | null = null;

/** Everything that caches may hold in a world with VT-d units. */
export function vtdViewOf(world: World): VtdView {
  let view = views.get(world);
  if (view !== undefined) return view;
  if (last !== null && sameVtdSource(last, world) && last.vtd?.stale === world.vtd?.stale)
    view = views.get(last);
  view ??= deriveVtd(world, world.vtd?.stale ?? []);
  views.set(world, view);
  last = world;
  return view;
}
