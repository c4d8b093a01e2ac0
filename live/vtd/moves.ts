import { type Call, NO_BINDINGS, resolveCall } from '../../model/call.ts';
import type { Step } from '../../model/step.ts';
import type { World } from '../../model/world/world.ts';
import { WRITTEN_REGISTERS } from '../../spec/vtd/register-offsets.ts';
import type { Draw } from '../../workload/generator/choice.ts';
import { generateVtdCall } from '../../workload/generator/emulated-vtd/generate.ts';
import { VTD_SOURCES, VTD_TABLES } from '../../workload/scopes/emulated-vtd-memory.ts';
import type { Moves } from '../emulated/machine.ts';

function next({ emulatedVtd }: World, draw: Draw): Call {
  if (emulatedVtd === null) throw new Error('a platform with an emulated remapping unit');
  return generateVtdCall(emulatedVtd, draw);
}

const WORD = 4n;
const KNOWN: readonly string[] = WRITTEN_REGISTERS;

/** Whether a store is into the tables, a write of a register that there is, and a DMA of a device that is there. */
function isOfMachine(call: Call): boolean {
  const { args } = resolveCall(call, NO_BINDINGS) as { readonly args: Readonly<Record<string, unknown>> };
  switch (call.command) {
    case 'vtdStore': {
      const [address, words] = [args.address as bigint, (args.words ?? []) as readonly bigint[]];
      const end = address + BigInt(8 * words.length);
      return address % 8n === 0n && words.length > 0 && address >= VTD_TABLES.first && end <= VTD_TABLES.end;
    }
    case 'vtdWrite':
      return KNOWN.includes(args.register as string);
    case 'vtdDma':
      return VTD_SOURCES.includes(args.source as number) && (args.iova as bigint) % WORD === 0n;
    default:
      return true;
  }
}

/** Whether all that is written into memory in a step, by the guest or for it, is among its tables. */
function isContained(before: World, { world }: Step): boolean {
  const [was, now] = [before.emulatedVtd, world.emulatedVtd];
  if (was === null || now === null || was.memory === now.memory) return true;
  return Object.keys(now.memory).every((key) => {
    if (was.memory[key] === now.memory[key]) return true;
    const address = BigInt(`0x${key}`);
    return address >= VTD_TABLES.first && address < VTD_TABLES.end;
  });
}

export const VTD_MOVES: Moves = { next, isOfMachine, isContained, dma: 'vtdDma' };
