import { bootWorld } from '../../model/boot.ts';
import { type Call, NO_BINDINGS, resolveCall } from '../../model/call.ts';
import type { Platform } from '../../model/platform/platform.ts';
import type { Rules } from '../../model/rules.ts';
import { type Step, step } from '../../model/step.ts';
import type { World } from '../../model/world/world.ts';
import { type Draw, oneIn } from '../../workload/generator/choice.ts';
import { generateEmulatedCall } from '../../workload/generator/emulated/generate.ts';
import type { LiveSequence, LiveStep } from '../step.ts';
import { callsOf } from './described.ts';
import { LAYOUT, RAM, TABLES } from './machine.ts';
import { MOST_DMAS } from './plan.ts';

/** To start an emulator again that has ended takes as long as fifty runs: one in so many that would end it does. */
const ENDS_ONE_IN = 40;

/** A call that is not wanted is drawn again; after so many, the sequence ends. */
const TRIES = 50;

interface Making {
  readonly steps: number;
  readonly avoided: ReadonlySet<string>;
}

/** A sequence for the machine, made from choices alone; with a `beginning`, one that goes on from there. */
export function generateSmmu(
  platform: Platform,
  rules: Rules,
  { steps, avoided }: Making,
  beginning: LiveSequence | null,
  draw: Draw,
): LiveSequence {
  const sequence: LiveStep[] = [];
  let world = bootWorld(platform);
  let ends = false;
  const take = (call: Call, after: Step): void => {
    ends = isEnd(after);
    world = after.world;
    sequence.push({ kind: 'call', call });
  };
  const made = (call: Call): Step => step(world, resolveCall(call, NO_BINDINGS), rules);
  for (const call of callsOf(beginning ?? [])) take(call, made(call));
  for (let tries = 0; sequence.length < steps && !ends && tries < TRIES; tries++) {
    const call = nextCall(world, draw);
    if (avoided.has(call.command) || !isOfMachine(call)) continue;
    const after = made(call);
    if (writesElsewhere(call, after) || (isEnd(after) && !oneIn(ENDS_ONE_IN, draw))) continue;
    take(call, after);
    tries = 0;
  }
  return sequence;
}

function isEnd({ result }: Step): boolean {
  return result.ok && result.out.ends === 1;
}

/** Whether a device writes where there is no memory: into flash, which keeps it, or into registers. */
function writesElsewhere({ command, args }: Call, { result }: Step): boolean {
  const address = result.ok ? result.out.address : undefined;
  if (command !== 'emulatedDma' || args.write !== true || typeof address !== 'bigint') return false;
  return address < RAM.first || address >= RAM.end;
}

/** Whether devices write into memory alone, as the machine is thought to answer. */
export function staysInMemory(platform: Platform, rules: Rules, sequence: LiveSequence): boolean {
  let world = bootWorld(platform);
  for (const call of callsOf(sequence)) {
    const after = step(world, resolveCall(call, NO_BINDINGS), rules);
    if (writesElsewhere(call, after)) return false;
    world = after.world;
  }
  return true;
}

/** No device can be told to do DMA in the midst of a reset of QEMU's: that is over as soon as it has begun. */
function nextCall({ emulated }: World, draw: Draw): Call {
  if (emulated === null) throw new Error('a platform with an emulated SMMUv3');
  return emulated.resetting ? RESET_ENDS : generateEmulatedCall(emulated, draw, LAYOUT);
}

const RESET_ENDS: Call = { actor: 'operator', command: 'emulatedReset', args: { ends: true } };

const WORD = 4n;

/** Whether the machine can be told to do it: its devices, stores into tables, resets as a whole. */
export function canBeDone(sequence: LiveSequence): boolean {
  const calls = callsOf(sequence);
  const dmas = calls.filter(({ command }) => command === 'emulatedDma').length;
  return dmas <= MOST_DMAS && calls.every((call, at) => canBeCalled(call, calls[at - 1], calls[at + 1]));
}

function canBeCalled(call: Call, before: Call | undefined, behind: Call | undefined): boolean {
  if (!isOfMachine(call)) return false;
  if (call.command !== 'emulatedReset') return !isBegun(before);
  return call.args.ends === true ? isBegun(before) : behind === undefined || !isBegun(behind);
}

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

function isBegun(call: Call | undefined): boolean {
  return call?.command === 'emulatedReset' && call.args.ends !== true;
}
