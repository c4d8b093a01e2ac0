import fc from 'fast-check';
import type { Bindings, Call } from '../../model/call.ts';
import type { World } from '../../model/world/world.ts';
import type { Property } from '../../properties/property.ts';
import type { Scope } from '../../workload/scopes/scope.ts';
import { withCanonicalNames } from '../canonical.ts';
import { minimise, type Shows } from '../minimise.ts';
import type { Monitor } from '../monitor.ts';
import { Execution, type Found, type Setting, violationOf } from '../run.ts';
import { NOTHING, type Watch } from '../watch.ts';
import { arbitraryCalls, type Draw, type Walk } from './arbitrary.ts';

/** A sensible next call in this world. Must depend on its arguments alone. */
export type Generate = (scope: Scope, world: World, bindings: Bindings, draw: Draw) => Call;

/** Where runs come from. */
export interface Source {
  readonly setting: Setting;
  readonly generate: Generate;
  /** Calls in a run. */
  readonly steps: number;
}

/** The runs of a source, as an arbitrary for fast-check properties of one's own: they shrink as `check` shrinks. */
export function arbitraryRun(source: Source): fc.Arbitrary<readonly Call[]> {
  return arbitraryCalls(walkOf(source));
}

function walkOf(source: Source): Walk {
  return (draw) => generateInto(new Execution(source.setting, NOTHING), source, draw);
}

/** One run under the eyes of a watch: the properties that it violates, each where it does so first. */
export function explore(source: Source, seed: number, watch: Watch, monitor: Monitor): readonly Found[] {
  let found: readonly Found[] = [];
  const walk: Walk = (draw) => {
    const execution = new Execution(source.setting, watch, monitor);
    const calls = generateInto(execution, source, draw);
    execution.end();
    found = execution.found;
    return calls;
  };
  checkOnce(walk, seed, () => found.length === 0, false);
  return found;
}

/** The run of this seed, which violates the property, shrunk and made 1-minimal, under canonical names. */
export function counterexample(source: Source, seed: number, property: Property): readonly Call[] {
  const shows = showsViolation(source.setting, property);
  const shrunk = checkOnce(walkOf(source), seed, (calls) => shows(calls) === null, true);
  if (shrunk === null) throw new Error(`${property.id} is violated in a run but not in its repetition`);
  return withCanonicalNames(source.setting, minimise(shrunk, shows));
}

/** Whether, and after how many calls, a property is violated. */
export function showsViolation(setting: Setting, property: Property): Shows {
  return (calls) => violationOf(setting, property, calls)?.calls ?? null;
}

function generateInto(
  execution: Execution,
  { setting, generate, steps }: Source,
  draw: Draw,
): readonly Call[] {
  const calls: Call[] = [];
  for (let at = 0; at < steps; at++) {
    const call = generate(setting.scope, execution.world, execution.bindings, draw);
    execution.apply(call);
    calls.push(call);
  }
  return calls;
}

/** One run of fast-check; the calls that do not hold, as far as it shrinks them, or null. */
function checkOnce(
  walk: Walk,
  seed: number,
  holds: (calls: readonly Call[]) => boolean,
  shrink: boolean,
): readonly Call[] | null {
  // fast-check takes an exception in a predicate for a failing property, but here it is a bug to be seen.
  let bug: { readonly error: unknown } | null = null;
  const property = fc.property(arbitraryCalls(walk), (calls) => {
    try {
      return holds(calls);
    } catch (error) {
      bug ??= { error };
      return true;
    }
  });
  const details = fc.check(property, { seed, numRuns: 1, endOnFailure: !shrink });
  if (bug !== null) throw (bug as { readonly error: unknown }).error;
  return details.counterexample?.[0] ?? null;
}
