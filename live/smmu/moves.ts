import { type Call, NO_BINDINGS, resolveCall } from '../../model/call.ts';
import type { World } from '../../model/world/world.ts';
import type { Draw } from '../../workload/generator/choice.ts';
import { generateEmulatedCall } from '../../workload/generator/emulated/generate.ts';
import type { Moves } from '../emulated/machine.ts';
import { LAYOUT, TABLES } from './places.ts';

/** No device can be told to do DMA in the midst of a reset of QEMU's: that is over as soon as it has begun. */
function next({ emulated }: World, draw: Draw): Call {
  if (emulated === null) throw new Error('a platform with an emulated SMMUv3');
  return emulated.resetting ? RESET_ENDS : generateEmulatedCall(emulated, draw, LAYOUT);
}

const RESET_ENDS: Call = { actor: 'operator', command: 'emulatedReset', args: { ends: true } };

const WORD = 4n;

/** Whether a store is into the tables, and a DMA of a device that is there. */
function isOfMachine(call: Call): boolean {
  const { args } = resolveCall(call, NO_BINDINGS) as { readonly args: Readonly<Record<string, unknown>> };
  switch (call.command) {
    case 'emulatedStore': {
      const [address, words] = [args.address as bigint, (args.words ?? []) as readonly bigint[]];
      const end = address + BigInt(8 * words.length);
      return address % 8n === 0n && words.length > 0 && address >= TABLES.first && end <= TABLES.end;
    }
    case 'emulatedDma':
      return (
        LAYOUT.streams.includes(args.stream as number) &&
        args.ssv !== true &&
        (args.iova as bigint) % WORD === 0n
      );
    default:
      return true;
  }
}

/** Resets as a whole. */
function fits(call: Call, before: Call | undefined, behind: Call | undefined): boolean {
  if (call.command !== 'emulatedReset') return !isBegun(before);
  return call.args.ends === true ? isBegun(before) : behind === undefined || !isBegun(behind);
}

function isBegun(call: Call | undefined): boolean {
  return call?.command === 'emulatedReset' && call.args.ends !== true;
}

export const SMMU_MOVES: Moves = { next, isOfMachine, fits, dma: 'emulatedDma' };
