import type { World } from '../../world/world.ts';
import { areasOf, pagingOf } from '../driver/domains.ts';

/**
 * Whether hardware would fetch the same in two worlds of a platform: entries, guests' tables and mappings of the
 * domains in use are the same. Compares references only, so that it may also say no where nothing differs.
 */
export function sameSource(a: World, b: World): boolean {
  if (a.platform !== b.platform || a.machine === null || b.machine === null) return false;
  if (a.machine.driver !== b.machine.driver || a.machine.memory !== b.machine.memory) return false;
  if (a.machine.work?.to !== b.machine.work?.to || a.machine.work?.from !== b.machine.work?.from)
    return false;
  if (a.contexts === b.contexts) return true;
  return a.machine.driver.placed.every(
    (ref) =>
      ref === null ||
      (areasOf(a, ref) === areasOf(b, ref) && pagingOf(a, ref)?.msiPages === pagingOf(b, ref)?.msiPages),
  );
}
