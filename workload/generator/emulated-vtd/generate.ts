import type { Call } from '../../../model/call.ts';
import type { EmulatedVtd } from '../../../model/vtd/emulated/emulated.ts';
import type { Draw } from '../choice.ts';
import { queueDescriptors } from './descriptors.ts';
import { dma } from './dma.ts';
import { MEMORY_MOVES } from './memory.ts';
import type { VtdMove } from './move.ts';
import { REGISTER_MOVES } from './registers.ts';

const MOVES: readonly VtdMove[] = [...REGISTER_MOVES, ...MEMORY_MOVES, queueDescriptors, dma];

/** The next step in a world with an emulated remapping unit; `draw` alone decides. */
export function generateVtdCall(state: EmulatedVtd, draw: Draw): Call {
  const weights = MOVES.map((move) => move.weight(state));
  let left = draw(weights.reduce((sum, weight) => sum + weight, 0));
  let at = 0;
  while (left >= (weights[at] ?? 0)) left -= weights[at++] ?? 0;
  return (MOVES[at] as VtdMove).make(state, draw);
}
