import { derivedOnce } from '../../caches/engine.ts';
import { areasOf } from '../../smmu/driver/domains.ts';
import type { World } from '../../world/world.ts';
import { deriveVtd } from './view.ts';

/** Whether hardware would fetch the same in two worlds. Compares references, so that it may say no where nothing differs. */
export function sameVtdSource(a: World, b: World): boolean {
  if (a.platform !== b.platform || a.vtd === null || b.vtd === null) return false;
  if (a.vtd.driver !== b.vtd.driver || a.vtd.memory !== b.vtd.memory) return false;
  if (a.contexts === b.contexts) return true;
  return a.vtd.driver.placed.every((ref) => ref === null || areasOf(a, ref) === areasOf(b, ref));
}

/** Everything that caches may hold in a world with VT-d units. */
export const vtdViewOf = derivedOnce(
  (world) => deriveVtd(world, world.vtd?.stale ?? []),
  (a, b) => sameVtdSource(a, b) && a.vtd?.stale === b.vtd?.stale,
);
