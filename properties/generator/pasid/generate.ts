import { type Unit, unitsOf } from '../../../model/pasid/platform.ts';
import type { World } from '../../../model/world/world.ts';
import type { Call } from '../../commands/call.ts';
import { type Draw, pick } from '../choice.ts';
import type { PasidMove, PasidView } from './move.ts';
import { PASID_MOVES } from './moves.ts';

const TABLE: readonly PasidMove[] = Object.values(PASID_MOVES);

/** The views of a world's units; none where it has no devices with PASIDs. */
export function pasidViewsOf(world: World): readonly PasidView[] {
  const { pasids: machine, platform } = world;
  if (machine === null || platform.pasid === undefined) return [];
  const { pasid } = platform;
  return unitsOf(pasid).map((unit: Unit, index) => ({ world, platform: pasid, machine, index, unit }));
}

/** The next step in a world whose devices have PASIDs; `draw` alone decides. */
export function generatePasidCall(world: World, draw: Draw): Call {
  const view = pick(pasidViewsOf(world), draw);
  const weights = TABLE.map((move) => move.weight(view));
  let left = draw(weights.reduce((sum, weight) => sum + weight, 0));
  let at = 0;
  while (left >= (weights[at] ?? 0)) left -= weights[at++] ?? 0;
  return (TABLE[at] as PasidMove).make(view, draw);
}
