import { appliesTo } from '../checker/applicable.ts';
import { bootWorld } from '../model/boot.ts';
import { bindResult, NO_BINDINGS, resolveCall } from '../model/call.ts';
import { intended } from '../model/rules.ts';
import { step } from '../model/step.ts';
import { PROPERTIES } from '../properties/index.ts';
import type { Property, Run, Transition } from '../properties/property.ts';
import { generateCall } from '../workload/generator/generate.ts';
import type { Scope } from '../workload/scopes/scope.ts';
import { measure } from './measure.ts';

/** Runs, and calls in a run. */
const RUNS = 300;
const CALLS = 60;

/** A small generator of numbers, so that every machine measures the same runs. */
function drawFrom(seed: number): (bound: number) => number {
  let state = seed | 0;
  return (bound) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound;
  };
}

export function generateRun(scope: Scope, seed: number): Run {
  const draw = drawFrom(seed);
  const initial = bootWorld(scope.platform);
  const transitions: Transition[] = [];
  let world = initial;
  let bindings = NO_BINDINGS;
  for (let i = 0; i < CALLS; i++) {
    const call = generateCall(scope, world, bindings, draw);
    const command = resolveCall(call, bindings);
    const done = step(world, command, intended);
    transitions.push({ ...done, before: world, command });
    bindings = bindResult(call, done.result, bindings);
    world = done.world;
  }
  return { initial, transitions };
}

/** Takes every step of a run again; gives the last world, so that nothing can be left out. */
function retrace(run: Run): unknown {
  let world = run.initial;
  for (const { command } of run.transitions) world = step(world, command, intended).world;
  return world;
}

/** Takes every step again and looks at it with every property, as a check does. */
function inspect(run: Run, properties: readonly Property[]): void {
  let before = run.initial;
  const transitions: Transition[] = [];
  for (const { command } of run.transitions) {
    const transition: Transition = { ...step(before, command, intended), before, command };
    transitions.push(transition);
    for (const property of properties) {
      if (property.kind === 'step') property.violated(transition);
      else if (property.kind === 'state' && transition.world !== before) property.violated(transition.world);
    }
    before = transition.world;
  }
  for (const property of properties) {
    if (property.kind === 'reachability') property.violated(before, intended);
    else if (property.kind === 'pair') property.violated({ initial: run.initial, transitions }, intended);
  }
}

/** Model steps of a scope: alone, under all properties, and generated. */
export function benchSteps(scope: Scope): void {
  const runs = Array.from({ length: RUNS }, (_, seed) => generateRun(scope, seed));
  const steps = RUNS * CALLS;
  const properties = PROPERTIES.filter((property) => appliesTo(property, scope));
  process.stdout.write(`scope ${scope.name}, ${RUNS} runs of ${CALLS} commands\n`);
  measure('  model steps', steps, () => runs.forEach(retrace));
  measure(`  model steps with the ${properties.length} properties that apply`, steps, () => {
    for (const run of runs) inspect(run, properties);
  });
  measure('  generated commands, with their steps', steps, () => {
    for (let seed = 0; seed < RUNS; seed++) generateRun(scope, seed);
  });
}
