import { derivedOnce } from '../../caches/engine.ts';
import { sameSource } from './source.ts';
import { derive } from './view.ts';

/** Everything that caches may hold in a world with a machine. */
export const viewOf = derivedOnce(
  (world) => derive(world, world.machine?.stale ?? []),
  (a, b) => sameSource(a, b) && a.machine?.stale === b.machine?.stale,
);
