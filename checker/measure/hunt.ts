import type { Rules } from '../../model/rules.ts';
import type { Property } from '../../properties/property.ts';
import type { Scope } from '../../workload/scopes/scope.ts';
import { appliesTo } from '../applicable.ts';
import { Monitor } from '../monitor.ts';
import { exploreSome, type Generate, RUNS_TOGETHER, type Source, type Start } from '../random/engine.ts';
import { runSeed } from '../random/seed.ts';
import { turnAt, turnsOf } from '../random/turns.ts';
import { type Watch, watchOf, without } from '../watch.ts';

/** The runs of a check: what `nestcheck check` makes of the same seed, scopes and steps. */
export interface Runs {
  readonly rules: Rules;
  readonly scopes: readonly Scope[];
  readonly properties: readonly Property[];
  readonly generate: Generate;
  readonly seed: number;
  readonly steps: number;
}

/** A run that violates a property for the first time in its check. */
export interface Kill {
  readonly property: Property;
  /** The number of the run, from 1. */
  readonly run: number;
  /** What makes the run anew. */
  readonly source: Source;
  readonly seed: number;
}

/**
 * Makes runs as a check does, the scopes in the same turns, and gives each property's first violation as it comes. A property is not
 * looked at again after it, so where all are wanted this costs little more than a check. `limit` is asked before each run.
 */
export function* kills(runs: Runs, limit: () => number): Generator<Kill> {
  const { scopes, properties, rules, generate, steps } = runs;
  const nobody = new Monitor([]);
  const sources = scopes.map((scope): Source => ({ setting: { scope, rules }, generate, steps }));
  const watches: Watch[] = scopes.map((scope) =>
    watchOf(properties.filter((property) => appliesTo(property, scope))),
  );
  const turns = turnsOf(sources, runs.seed);
  for (let run = 0; run < limit(); ) {
    const starts: Numbered[] = [];
    for (; starts.length < RUNS_TOGETHER && run < limit(); run++) {
      const turn = turnAt(turns, run);
      const source = sources[turn?.source ?? 0];
      const watch = watches[turn?.source ?? 0];
      if (turn === null || source === undefined || watch === undefined || isEmpty(watch)) continue;
      const seed = runSeed(runs.seed, source.setting.scope.name, turn.nth);
      starts.push({ source, seed, watch, run: run + 1 });
    }
    if (starts.length === 0) continue;
    const made = exploreSome(starts, nobody);
    const last = starts[made.length - 1];
    if (last === undefined) throw new Error('of several runs none was made');
    run = last.run;
    for (const { property } of made.at(-1) ?? []) {
      for (const [at, each] of watches.entries()) watches[at] = without(each, property);
      yield { property, run: last.run, source: last.source, seed: last.seed };
    }
  }
}

interface Numbered extends Start {
  readonly run: number;
}

function isEmpty({ state, step, reachability, pair }: Watch): boolean {
  return state.length + step.length + reachability.length + pair.length === 0;
}
