import { bootWorld } from '../../model/boot.ts';
import { type Call, NO_BINDINGS, resolveCall } from '../../model/call.ts';
import type { Platform } from '../../model/platform/platform.ts';
import type { Rules } from '../../model/rules.ts';
import { type Step, step } from '../../model/step.ts';
import type { World } from '../../model/world/world.ts';
import { type Draw, oneIn } from '../../workload/generator/choice.ts';
import type { LiveSequence, LiveStep } from '../step.ts';
import { callsOf } from './described.ts';
import type { QtestMachine } from './machine.ts';
import { isEnd, MOST_DMAS } from './planned.ts';

/** To start an emulator again that has ended takes as long as fifty runs: one in so many that would end it does. */
const ENDS_ONE_IN = 40;

/** A call that is not wanted is drawn again; after so many, the sequence ends. */
const TRIES = 50;

interface Making {
  readonly steps: number;
  readonly avoided: ReadonlySet<string>;
}

/** A sequence for the machine, made from choices alone; with a `beginning`, one that goes on from there. */
export function generateEmulated(
  machine: QtestMachine,
  platform: Platform,
  rules: Rules,
  { steps, avoided }: Making,
  beginning: LiveSequence | null,
  draw: Draw,
): LiveSequence {
  const { moves } = machine;
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
    const call = moves.next(world, draw);
    if (avoided.has(call.command) || !moves.isOfMachine(call)) continue;
    const after = made(call);
    if (strays(machine, world, call, after) || (isEnd(after) && !oneIn(ENDS_ONE_IN, draw))) continue;
    take(call, after);
    tries = 0;
  }
  return sequence;
}

/** Whether something of a step would be found by the next run. */
function strays(machine: QtestMachine, before: World, call: Call, after: Step): boolean {
  return writesElsewhere(machine, call, after) || machine.moves.isContained?.(before, after) === false;
}

/** Whether a device writes where there is no memory: into flash, which keeps it, or into registers. */
function writesElsewhere({ moves, ram }: QtestMachine, { command, args }: Call, { result }: Step): boolean {
  const address = result.ok ? result.out.address : undefined;
  if (command !== moves.dma || args.write !== true || typeof address !== 'bigint') return false;
  return address < ram.first || address >= ram.end;
}

/** Whether devices write into memory alone, as the machine is thought to answer. */
export function staysInMemory(
  machine: QtestMachine,
  platform: Platform,
  rules: Rules,
  sequence: LiveSequence,
): boolean {
  let world = bootWorld(platform);
  for (const call of callsOf(sequence)) {
    const after = step(world, resolveCall(call, NO_BINDINGS), rules);
    if (strays(machine, world, call, after)) return false;
    world = after.world;
  }
  return true;
}

/** Whether the machine can be told to do it. */
export function canBeDone({ moves }: QtestMachine, sequence: LiveSequence): boolean {
  const calls = callsOf(sequence);
  const dmas = calls.filter(({ command }) => command === moves.dma).length;
  return (
    dmas <= MOST_DMAS &&
    calls.every(
      (call, at) => moves.isOfMachine(call) && (moves.fits?.(call, calls[at - 1], calls[at + 1]) ?? true),
    )
  );
}
