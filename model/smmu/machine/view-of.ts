import type { World } from '../../world/world.ts';
import { sameSource } from './source.ts';
import { derive, type View } from './view.ts';

const views = new WeakMap<World, View>();

/** The world whose view was asked for last: most worlds differ from it in nothing that a view depends on. */
let last: World | null = null;

/** Everything that caches may hold in a world with a machine. */
export function viewOf(world: World): View {
  let view = views.get(world);
  if (view !== undefined) return view;
  if (last !== null && sameSource(last, world) && last.machine?.stale === world.machine?.stale)
    view = views.get(last);
  view ??= derive(world, world.machine?.stale ?? []);
  views.set(world, view);
  last = world;
  return view;
}
