import type { Call } from '../../../model/call.ts';
import type { EmulatedCommandName } from '../../../model/smmu/emulated/command.ts';
import type { Emulated } from '../../../model/smmu/emulated/emulated.ts';
import { type Draw, oneIn, pick } from '../choice.ts';

/** One kind of sensible next step of the guest of an emulated SMMUv3, its devices or its machine. */
export interface EmulatedMove {
  /** How much it is worth now against the others. */
  weight(emulated: Emulated): number;
  make(emulated: Emulated, draw: Draw): Call;
}

export function guest(command: EmulatedCommandName, args: Call['args']): Call {
  return { actor: 'guest:vm0', command, args };
}

export function device(args: Call['args']): Call {
  return { actor: 'device:dev0', command: 'emulatedDma', args };
}

/** StreamIDs: few that a small table has, and some past its end. */
const STREAMS: readonly number[] = [0, 1, 2, 3, 4, 5, 16, 17, 64, 65, 200];

export function drawStream(draw: Draw): number {
  return oneIn(4, draw) ? pick(STREAMS, draw) : draw(3);
}

/** Pages of VAs and of IPAs that mean something. */
export const PAGE_COUNT = 8;
