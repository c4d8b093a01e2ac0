import type { Call } from '../../../model/call.ts';
import type { EmulatedVtdCommandName } from '../../../model/vtd/emulated/command.ts';
import type { EmulatedVtd } from '../../../model/vtd/emulated/emulated.ts';
import { VTD_SOURCES } from '../../scopes/emulated-vtd-memory.ts';
import { type Draw, oneIn, pick } from '../choice.ts';

/** One kind of sensible next step of the guest of an emulated remapping unit, its devices or its machine. */
export interface VtdMove {
  /** How much it is worth now against the others. */
  weight(state: EmulatedVtd): number;
  make(state: EmulatedVtd, draw: Draw): Call;
}

export function guest(command: EmulatedVtdCommandName, args: Call['args']): Call {
  return { actor: 'guest:vm0', command, args };
}

export function store(address: bigint, words: readonly bigint[]): Call {
  return guest('vtdStore', { address, words });
}

export function write(register: string, value: bigint): Call {
  return guest('vtdWrite', { register, value });
}

/** Mostly one of the first three, at times any. */
export function drawSource(draw: Draw): number {
  return oneIn(3, draw) ? pick(VTD_SOURCES, draw) : (VTD_SOURCES[draw(3)] ?? 0);
}
