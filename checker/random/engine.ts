import fc from 'fast-check';
import type { Bindings, Call } from '../../model/call.ts';
import type { World } from '../../model/world/world.ts';
import { everyCommandIsAnswered } from '../../properties/iommufd/every-command-is-answered.ts';
import type { Property } from '../../properties/property.ts';
import type { Scope } from '../../workload/scopes/scope.ts';
import { type Answer, attempt } from '../attempt.ts';
import { withCanonicalNames } from '../canonical.ts';
import { runText } from '../expect.ts';
import { minimise, type Shows } from '../minimise.ts';
import { Monitor } from '../monitor.ts';
import { patientAttempt } from '../patient.ts';
import { Execution, type Found, type Setting } from '../run.ts';
import { violationOf } from '../violation.ts';
import { NOTHING, type Watch, watchOf } from '../watch.ts';
import { OVERDUE, RUN_PATIENCE, underOne, watched, worktime } from '../watchdog.ts';
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

/**
 * The runs of a source, as an arbitrary for fast-check properties of one's own: they shrink as `check` shrinks, and a failing
 * property prints the steps with their answers, as `nestcheck replay` does.
 */
export function arbitraryRun(source: Source): fc.Arbitrary<readonly Call[]> {
  const { setting } = source;
  return arbitraryCalls(walkOf(source), (calls) =>
    Object.defineProperty(calls, fc.toStringMethod, {
      value: () => `\n${runText(setting, calls)}\n`,
      configurable: true,
    }),
  );
}

function walkOf(source: Source, watch: Watch = NOTHING): Walk {
  return (draw) => generateInto(new Execution(source.setting, watch), source, draw);
}

/** What one run came to. */
interface Explored {
  /** The properties that it violates. */
  readonly found: readonly Found[];
  /** The calls, up to the violation. */
  readonly calls: readonly Call[];
}

/** A run that is to be made. */
export interface Start {
  readonly source: Source;
  readonly seed: number;
  readonly watch: Watch;
}

/** Runs that are handed to `exploreSome` at a time. */
export const RUNS_TOGETHER = 8;

/** Milliseconds after which no further run is made under the same watchdog. */
const MOMENT = 300;

/**
 * The first of these runs, one at least, and what each violates; behind one that violates something none is made. A watchdog for each
 * would cost a tenth of the time.
 */
export function exploreSome(starts: readonly Start[], monitor: Monitor): readonly (readonly Found[])[] {
  const back = monitor.mark();
  const done = watched(RUN_PATIENCE, () => {
    const until = performance.now() + MOMENT;
    return untilFound(
      starts,
      ({ source, seed, watch }) => exploreOnce(source, seed, watch, monitor, attempt).found,
      () => performance.now() > until,
    );
  });
  if (done !== OVERDUE) return done;
  back();
  return untilFound(
    starts,
    ({ source, seed, watch }) => explore(source, seed, watch, monitor),
    () => false,
  );
}

function untilFound(
  starts: readonly Start[],
  made: (start: Start) => readonly Found[],
  enough: () => boolean,
): readonly (readonly Found[])[] {
  const all: (readonly Found[])[] = [];
  for (const start of starts) {
    const found = made(start);
    all.push(found);
    if (found.length > 0 || enough()) break;
  }
  return all;
}

/** One run under the eyes of a watch, until it violates properties: those. One that takes too long is made again step by step. */
export function explore(source: Source, seed: number, watch: Watch, monitor: Monitor): readonly Found[] {
  const back = monitor.mark();
  const done = watched(RUN_PATIENCE, () => exploreOnce(source, seed, watch, monitor, attempt));
  if (done !== OVERDUE) return done.found;
  back();
  return exploreOnce(source, seed, watch, monitor, patientAttempt).found;
}

function exploreOnce(source: Source, seed: number, watch: Watch, monitor: Monitor, answer: Answer): Explored {
  let explored: Explored = { found: [], calls: [] };
  const walk: Walk = (draw) => {
    const execution = new Execution(source.setting, watch, monitor, answer);
    const calls = generateInto(execution, source, draw);
    execution.end();
    explored = { found: execution.found, calls };
    return calls;
  };
  checkOnce(walk, seed, () => explored.found.length === 0, false);
  return explored;
}

/** The run of this seed, which violates the property, shrunk and made 1-minimal, under canonical names. */
export function counterexample(source: Source, seed: number, property: Property): readonly Call[] {
  const shows = showsViolation(source.setting, property);
  if (property === everyCommandIsAnswered) {
    // The run may not return: only its beginning is made anew.
    const { calls } = exploreOnce(source, seed, NOTHING, new Monitor([]), patientAttempt);
    return withCanonicalNames(source.setting, minimise(calls, withinTime(shows)));
  }
  return underOne(() => {
    const shrunk = checkOnce(
      walkOf(source, watchOf([property])),
      seed,
      (calls) => shows(calls) === null,
      true,
    );
    if (shrunk === null) throw new Error(`${property.id} is violated in a run but not in its repetition`);
    return withCanonicalNames(source.setting, minimise(shrunk, shows));
  });
}

/** Milliseconds of work for the shrinking of what takes a moment each time that it shows itself. */
const MOST_SHRINKING = 4_000;

function withinTime(shows: Shows): Shows {
  const until = worktime() + MOST_SHRINKING;
  return (calls) => (worktime() < until ? shows(calls) : null);
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
  for (let at = 0; at < steps && !execution.isOver; at++) {
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
