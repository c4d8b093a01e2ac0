import type { Call } from '../../../model/call.ts';
import type { Emulated } from '../../../model/smmu/emulated/emulated.ts';
import { LAYOUT } from '../../scopes/emulated-memory.ts';
import type { Draw } from '../choice.ts';
import { COMMAND_MOVES } from './commands.ts';
import { MEMORY_MOVES } from './memory.ts';
import type { EmulatedMove } from './move.ts';
import { REGISTER_MOVES } from './registers.ts';

const MOVES: readonly EmulatedMove[] = [...REGISTER_MOVES, ...MEMORY_MOVES, ...COMMAND_MOVES];

/** The next step in a world with an emulated SMMUv3; `draw` alone decides. `layout`: where its memory is. */
export function generateEmulatedCall(emulated: Emulated, draw: Draw, layout = LAYOUT): Call {
  const weights = MOVES.map((move) => move.weight(emulated));
  let left = draw(weights.reduce((sum, weight) => sum + weight, 0));
  let at = 0;
  while (left >= (weights[at] ?? 0)) left -= weights[at++] ?? 0;
  return (MOVES[at] as EmulatedMove).make(emulated, draw, layout);
}
