import { MACHINES } from './machines.ts';
import type { Platform } from './platform/platform.ts';
import { copyWorld } from './world/copy.ts';
import type { World } from './world/world.ts';

/** A platform on which nothing has happened yet: no file open, no device bound. */
export function bootWorld(platform: Platform): World {
  const parts = MACHINES.map(({ boot }) => boot(platform));
  // The machines' parts are all that a world has; the copy gives it the shape that all later worlds have.
  return copyWorld(Object.assign({}, { platform }, ...parts) as World);
}
