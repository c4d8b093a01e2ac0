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

/** Where a PC has registers and firmware, which are nothing to the model; behind it there is nothing in the machine either. */
const DEVICES = { first: 0xb000_0000n, end: 0x1_0000_0000n } as const;
const ADDRESS = 0xf_ffff_ffff_f000n;

/** The same word, but that no table is where registers are. */
function offDevices(word: bigint): bigint {
  const address = word & ADDRESS;
  return address >= DEVICES.first && address < DEVICES.end ? word | DEVICES.end : word;
}

export function store(address: bigint, words: readonly bigint[]): Call {
  return guest('vtdStore', { address, words: words.map(offDevices) });
}

export function write(register: string, value: bigint): Call {
  return guest('vtdWrite', { register, value });
}

/** Mostly one of the first three, at times any. */
export function drawSource(draw: Draw): number {
  return oneIn(3, draw) ? pick(VTD_SOURCES, draw) : (VTD_SOURCES[draw(3)] ?? 0);
}
