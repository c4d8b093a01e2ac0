import type { Call } from '../../../model/call.ts';
import type { EmulatedCommandName } from '../../../model/smmu/emulated/command.ts';
import type { Emulated } from '../../../model/smmu/emulated/emulated.ts';
import type { EmulatedLayout } from '../../scopes/emulated-memory.ts';
import { type Draw, oneIn, pick } from '../choice.ts';

/** One kind of sensible next step of the guest of an emulated SMMUv3, its devices or its machine. */
export interface EmulatedMove {
  /** How much it is worth now against the others. */
  weight(emulated: Emulated): number;
  make(emulated: Emulated, draw: Draw, layout: EmulatedLayout): Call;
}

export function guest(command: EmulatedCommandName, args: Call['args']): Call {
  return { actor: 'guest:vm0', command, args };
}

export function device(args: Call['args']): Call {
  return { actor: 'device:dev0', command: 'emulatedDma', args };
}

/** Mostly one of the first three, at times any. */
export function drawStream({ streams }: EmulatedLayout, draw: Draw): number {
  return oneIn(4, draw) ? pick(streams, draw) : (streams[draw(3)] ?? 0);
}

/** Pages of VAs and of IPAs that mean something. */
export const PAGE_COUNT = 8;
