import { appliesTo } from '../../checker/applicable.ts';
import { isDecided } from '../../checker/explore/explore.ts';
import { search } from '../../checker/explore/search.ts';
import { Space } from '../../checker/explore/space.ts';
import { selectRules } from '../../checker/select/rules.ts';
import { step } from '../../model/step.ts';
import type { Command } from '../../model/world/command.ts';
import { PROPERTIES } from '../../properties/index.ts';
import { attachSlice } from '../../workload/alphabet/attach-slice.ts';
import { explorationByName } from '../../workload/alphabet/index.ts';
import { type Pinned, type Size, sizeText } from './size.ts';
import { type Cost, timedHere } from './tool.ts';

/** How our engine searches. */
export interface Way {
  readonly symmetry: boolean;
  readonly workers: number;
}

export const WAYS: readonly Way[] = [
  { symmetry: true, workers: 1 },
  { symmetry: true, workers: 2 },
  { symmetry: false, workers: 1 },
  { symmetry: false, workers: 2 },
];

/**
 * What our engine takes to exhaust a size, through the real model: every transition is a `step` of it.
 * @throws Error where its counts are not the pinned ones.
 */
export async function costOfOurs(
  size: Pinned,
  { symmetry, workers }: Way,
): Promise<Cost & { readonly bytesPerState: number }> {
  const selection = await selectRules([], []);
  const unlimited = { depth: null, maxStates: null, timeLimit: null } as const;
  const plan = { exploration: attachSlice(size), selection, properties: [], symmetry, workers, ...unlimited };
  const { made, ...cost } = await timedHere(() => search(plan));
  const whole = symmetry ? made.unreducedStates : made.states;
  if (whole !== size.states || made.transitions !== size.transitions)
    throw new Error(`we count ${whole} states and ${made.transitions} transitions of ${sizeText(size)}`);
  return { ...cost, bytesPerState: made.bytesPerState };
}

/** Commands in the longest traces of `two-smmus` that are measured: all of it takes minutes. */
export const DEPTH = 14;

/** What our engine takes for a part of the scope `two-smmus`, with every property that it decides there. */
export async function costOfTwoSmmus(workers: number): Promise<Cost> {
  const selection = await selectRules([], []);
  const exploration = explorationByName('two-smmus');
  if (exploration === undefined) throw new Error('the exploration two-smmus is gone');
  const properties = PROPERTIES.filter((each) => isDecided(each) && appliesTo(each, exploration.scope));
  const bounds = { depth: DEPTH, maxStates: null, timeLimit: null } as const;
  return timedHere(() => search({ exploration, selection, properties, symmetry: true, workers, ...bounds }));
}

/** Runs, and commands in a run. */
const RUNS = 400;
const STEPS = 60;

/** How many seconds a random step takes: one of the slice's commands, through the real model. */
export async function secondsOfOurStep(size: Size): Promise<number> {
  const { rules } = await selectRules([], []);
  const exploration = attachSlice(size);
  const first = new Space(exploration, rules, true).start().world;
  let state = 1;
  const draw = (bound: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % bound;
  };
  const started = performance.now();
  for (let run = 0; run < RUNS; run++) {
    let world = first;
    for (let at = 0; at < STEPS; at++) {
      const commands = exploration.alphabet(world);
      world = step(world, commands[draw(commands.length)] as Command, rules).world;
    }
  }
  return (performance.now() - started) / 1000 / (RUNS * STEPS);
}
