import type { Call } from '../../../model/call.ts';
import { type Unit, unitsOf } from '../../../model/platform/pasid.ts';
import type { World } from '../../../model/world/world.ts';
import { type Draw, oneIn, pick, pickWhere } from '../choice.ts';
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

function hasViommu({ machine, index }: PasidView): boolean {
  const viommu = machine.units[index]?.viommu ?? 'none';
  return viommu !== 'none';
}

/** The next step in a world whose devices have PASIDs; `draw` alone decides. */
export function generatePasidCall(world: World, draw: Draw): Call {
  const views = pasidViewsOf(world);
  // Most is to be done where a guest has tables of its own.
  const translated = oneIn(2, draw) ? undefined : pickWhere(views, hasViommu, draw);
  const view = translated ?? pick(views, draw);
  const weights = TABLE.map((move) => move.weight(view));
  let left = draw(weights.reduce((sum, weight) => sum + weight, 0));
  let at = 0;
  while (left >= (weights[at] ?? 0)) left -= weights[at++] ?? 0;
  return (TABLE[at] as PasidMove).make(view, draw);
}
