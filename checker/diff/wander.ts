import fc from 'fast-check';
import type { Call } from '../../model/call.ts';
import type { Scope } from '../../workload/scopes/scope.ts';
import { arbitraryCalls } from '../random/arbitrary.ts';
import type { Generate } from '../random/engine.ts';
import { runSeed } from '../random/seed.ts';
import { type RulesPair, startTogether, stepTogether } from './lockstep.ts';

/** A random run under two designs at once. */
export interface Wander {
  readonly scope: Scope;
  readonly rules: RulesPair;
  readonly generate: Generate;
  /** Calls in a run. */
  readonly steps: number;
}

/** The calls of one random run up to where the answers differ; null where they do not. The same seed, the same run. */
export function wander(
  { scope, rules, generate, steps }: Wander,
  seed: number,
  run: number,
): readonly Call[] | null {
  let differs = false;
  const arbitrary = arbitraryCalls((draw) => {
    const calls: Call[] = [];
    let at = startTogether(scope);
    while (calls.length < steps) {
      const call = generate(scope, at.worlds[0], at.bindings, draw);
      calls.push(call);
      const next = stepTogether(at, call, rules);
      if (next === null) {
        differs = true;
        break;
      }
      at = next;
    }
    return calls;
  });
  const [calls = []] = fc.sample(arbitrary, { seed: runSeed(seed, scope.name, run), numRuns: 1 });
  return differs ? calls : null;
}
