import { bootSystem, type System, stepSystem } from '../conformance/linux/system.ts';
import { type Bindings, bindResult, type Call, NO_BINDINGS, resolveCall } from '../model/call.ts';
import type { Rules } from '../model/rules.ts';
import type { CommandArgs } from '../model/world/command.ts';
import { fileOf } from '../model/world/files.ts';
import type { World } from '../model/world/world.ts';
import { type Draw, oneIn } from '../workload/generator/choice.ts';
import { generateCall } from '../workload/generator/generate.ts';
import { fdHandle, objectHandle, viewOf } from '../workload/generator/view.ts';
import type { Scope } from '../workload/scopes/scope.ts';
import { canKeep, kindOfLeft, leftBehind } from './left-behind.ts';
import { canBePlanned } from './plan.ts';
import { Givers } from './race.ts';
import { dmaSequence } from './scene.ts';
import type { LiveSequence, LiveStep } from './step.ts';
import type { Described } from './target.ts';

/** What sequences are made from. */
export interface Workshop {
  readonly described: Described;
  /** How the target is thought to answer: as the model with every known deviation. */
  readonly rules: Rules;
  /** Steps in a sequence of calls. */
  readonly steps: number;
  /** Whether half of the sequences have races. */
  readonly races: boolean;
  /** Commands that are not made any more: each has brought the target down. */
  readonly avoided: ReadonlySet<string>;
  /** Kinds of what sequences are not to leave behind any more (`kindOfLeft`). */
  readonly left: ReadonlySet<string>;
}

/** One in so many sequences is about DMA, which takes the target a hundred times as long as a call. */
const DMA_ONE_IN = 6;

/** A call that cannot be made on a target is drawn again; after so many, the sequence ends. */
const TRIES = 50;

/** A sequence for the target, made from choices alone; with a `beginning`, one that goes on from there. */
export function generateSequence(
  workshop: Workshop,
  beginning: LiveSequence | null,
  draw: Draw,
): LiveSequence {
  const { described, races } = workshop;
  if (races && oneIn(2, draw)) {
    const mayRace = beginning?.every((step) => step.kind === 'call' && !canKeep(step.call.command)) === true;
    const racing = { ...workshop, isRacing: true };
    return withRaces(walk(racing, mayRace ? beginning : [], draw), draw);
  }
  // What DMA takes is the machine's time, which two processors have to wait for.
  if (!races && beginning === null && described.dmaDevices.length > 0 && oneIn(DMA_ONE_IN, draw))
    return dmaSequence(described, draw);
  return walk({ ...workshop, isRacing: false }, beginning ?? [], draw);
}

/** How many races a sequence has at most, and how many calls each. */
const MOST_RACES = 3;
const RACE_CALLS = { least: 2, most: 8 } as const;
const THREADS = 2;

/** One call in so many is made again at once, so that threads often do the same to the same thing. */
const TWIN_ONE_IN = 4;

/**
 * Spreads calls in a row over two threads, at random, but that a call which refers to what another of them gives comes in the
 * same thread. Where it refers to both threads', the race is over.
 */
function withRaces(sequence: LiveSequence, draw: Draw): LiveSequence {
  const spread = [...sequence];
  // The first calls open what the others are about.
  let from = 0;
  for (let races = 1 + draw(MOST_RACES); races > 0; races--) {
    from += 2 + draw(Math.max(1, Math.floor(sequence.length / races) - RACE_CALLS.most));
    const most = RACE_CALLS.least + draw(RACE_CALLS.most - RACE_CALLS.least + 1);
    const givers = new Givers();
    const threads: number[] = [];
    for (let at = from; at < Math.min(from + most, spread.length); at++) {
      const step = spread[at] as LiveStep;
      const forced = givers.of(step);
      if (forced.size > 1 || step.kind !== 'call') break;
      const [thread = 1 + draw(THREADS)] = forced;
      givers.note(step, thread);
      threads.push(thread);
    }
    if (new Set(threads).size > 1)
      for (const [index, thread] of threads.entries()) {
        const step = spread[from + index];
        if (step?.kind === 'call') spread[from + index] = { ...step, thread };
      }
    // A call that no thread makes ends it.
    from += threads.length + 1;
  }
  return spread;
}

function walk(
  { described, rules, steps, avoided, left, isRacing }: Workshop & { readonly isRacing: boolean },
  beginning: LiveSequence,
  draw: Draw,
): LiveSequence {
  const scope: Scope = {
    name: 'live',
    summary: 'the target',
    platform: described.platform,
    adversary: 'vmm',
  };
  const sequence: LiveStep[] = [];
  let system = bootSystem(described.platform, true);
  let bindings = NO_BINDINGS;
  const take = (call: Call): void => {
    const made = follow(system, call, bindings, rules);
    system = made.system;
    bindings = made.bindings;
    sequence.push({ kind: 'call', call: made.call });
  };
  for (const step of beginning) if (step.kind === 'call') take(step.call);
  for (let tries = 0; sequence.length < steps && tries < TRIES; ) {
    const call = generateCall(scope, system.world, bindings, draw);
    if (
      avoided.has(call.command) ||
      // Nobody knows what it leaves behind if others come before it.
      (isRacing && canKeep(call.command)) ||
      !canBePlanned({ kind: 'call', call }, described.cdevs) ||
      readsRegistersOddly(system, call, bindings)
    ) {
      tries++;
      continue;
    }
    const [earlier, known, before] = [system, bindings, system.world];
    take(call);
    const leaves = canKeep(call.command) ? leftBehind(system.world, rules) : null;
    if (leaves !== null && left.has(kindOfLeft(leaves))) {
      sequence.pop();
      [system, bindings] = [earlier, known];
      tries++;
      continue;
    }
    tries = 0;
    if (isRacing && oneIn(TWIN_ONE_IN, draw)) {
      const { as: _, ...twin } = call;
      take(twin);
    }
    // A refused call is to change nothing: the process looks.
    if (system.world === before && oneIn(3, draw))
      for (const look of looks(scope, before, bindings, draw)) take(look);
  }
  return sequence;
}

/**
 * A device file's read goes to the registers behind it, its rest byte by byte. `edu` takes no access that is narrower than a
 * word: it answers with an abort, which arm64's kernel does not outlive. That is known, and ends every search.
 */
function readsRegistersOddly({ world }: System, call: Call, bindings: Bindings): boolean {
  if (call.command !== 'read') return false;
  const { args, actor } = resolveCall(call, bindings);
  const { fd, count } = args as CommandArgs['read'];
  return count % 4 !== 0 && fileOf({ world }, actor, fd)?.of.kind === 'cdev';
}

/** What a process can ask without changing anything: which IOVAs each of its address spaces has. */
function looks(scope: Scope, world: World, bindings: Bindings, draw: Draw): readonly Call[] {
  const view = viewOf(scope, world, bindings, draw);
  const { actor, here } = view;
  if (here === null || here.fd === null) return [];
  const fd = fdHandle(view, here.fd);
  return here.ioases.slice(0, 2).map((id) => {
    const args = { fd, ioasId: objectHandle(view, here, id), numIovas: 8 };
    return { actor, command: 'ioasIovaRanges', args };
  });
}

/**
 * One call of a sequence in the making. A call that will probably fail gets no name: a name is then bound at most once,
 * whatever is left out of the sequence later.
 */
function follow(
  system: System,
  call: Call,
  bindings: Bindings,
  rules: Rules,
): { readonly system: System; readonly bindings: Bindings; readonly call: Call } {
  const { system: after, result } = stepSystem(system, resolveCall(call, bindings), rules);
  if (call.as !== undefined && !result.ok) {
    const { as: _, ...unnamed } = call;
    return { system: after, bindings, call: unnamed };
  }
  return { system: after, bindings: bindResult(call, result, bindings), call };
}
