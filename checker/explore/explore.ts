import type { Call } from '../../model/call.ts';
import { everyCommandIsAnswered } from '../../properties/iommufd/every-command-is-answered.ts';
import type { Property } from '../../properties/property.ts';
import type { Exploration } from '../../workload/alphabet/alphabet.ts';
import { appliesTo } from '../applicable.ts';
import { minimise } from '../minimise.ts';
import { type Coverage, mergeCoverage } from '../monitor.ts';
import { thrownText } from '../outside/text.ts';
import { showsViolation } from '../random/engine.ts';
import { recordTrace, type Selection } from '../record.ts';
import { replayTrace } from '../replay.ts';
import { overallVerdict, type Verdict } from '../report.ts';
import type { Setting } from '../run.ts';
import { expectAwaited } from '../select/awaited.ts';
import type { Trace } from '../trace/trace.ts';
import { underOne } from '../watchdog.ts';
import { callsOf } from './calls.ts';
import type { Checkpoint } from './checkpoint.ts';
import { Done, type SavedScopes } from './done.ts';
import { isCut } from './ended.ts';
import { collisionBound } from './mix.ts';
import { commandsTo } from './path.ts';
import type { SavedSearch } from './saved.ts';
import type { ScopeReport } from './scope-report.ts';
import {
  ForeignSearchError,
  type SearchControls,
  type Searched,
  type SearchProgress,
  search,
} from './search.ts';
import { Space } from './space.ts';

/** What to explore, and how far. */
export interface ExplorePlan {
  readonly explorations: readonly Exploration[];
  readonly properties: readonly Property[];
  readonly selection: Selection;
  readonly symmetry: boolean;
  /** Commands in the longest traces of a scope; null: as long as there are new states. */
  readonly depth: number | null;
  /** States of a scope after which no further level is begun; null: no limit. */
  readonly maxStates: number | null;
  /** Milliseconds for all scopes together; null: no limit. */
  readonly timeLimit: number | null;
  /** Threads; 1: this one. */
  readonly workers: number;
}

/** How an exploration is watched and ended. */
export interface ExploreControls {
  readonly signal?: AbortSignal;
  /** Called now and then while it goes on. */
  readonly onProgress?: (progress: SearchProgress & { readonly scope: string }) => void;
  /** Where it goes on from, if there is something, and what it keeps up to date. */
  readonly checkpoint?: Checkpoint;
}

export interface ExploredProperty {
  readonly property: Property;
  readonly verdict: Verdict;
  /** Where it is violated, else where its witness was first reached, else null. */
  readonly scope: string | null;
  /** Different shortest counterexamples, in a fixed order. */
  readonly traces: readonly Trace[];
}

/** What an exploration found, and what it saw. */
export interface ExploreReport {
  readonly verdict: Verdict;
  readonly properties: readonly ExploredProperty[];
  /** Properties that compare whole runs: no graph of states decides them. */
  readonly undecided: readonly Property[];
  readonly scopes: readonly ScopeReport[];
  readonly seconds: number;
  readonly coverage: Coverage;
}

/** Counterexamples reported of one property. */
const MOST_TRACES = 3;

/** Whether a search of states decides a property: one that compares whole runs it does not. */
export function isDecided({ kind }: Property): boolean {
  return kind !== 'pair';
}

/** Explores the scopes one after the other. A property that one scope violates is not looked at in the others. */
export async function explore(plan: ExplorePlan, controls: ExploreControls = {}): Promise<ExploreReport> {
  expectAwaited(plan.selection, 'a selection of rules', 'selectRules(…)');
  const started = performance.now();
  const asked = plan.properties.filter(isDecided);
  const decided = asked.includes(everyCommandIsAnswered) ? asked : [...asked, everyCommandIsAnswered];
  const saved = (await controls.checkpoint?.read()) ?? null;
  const done = saved === null ? new Done() : doneOf(saved.done, plan, decided, controls.checkpoint);
  const { traces, witnesses, inconclusive, scopes, coverages } = done;
  const secondsNow = (): number => (saved?.done.seconds ?? 0) + (performance.now() - started) / 1000;
  let resume = saved?.search;
  for (const exploration of plan.explorations.slice(scopes.length)) {
    const { scope } = exploration;
    const properties = decided.filter((each) => !traces.has(each) && appliesTo(each, scope));
    const open = properties.filter((each) => asked.includes(each)).map(({ id }) => id);
    const left = plan.timeLimit === null ? null : Math.max(0, plan.timeLimit - (performance.now() - started));
    const { symmetry, depth, maxStates, selection, workers } = plan;
    const searched = await search(
      {
        exploration,
        selection,
        properties,
        asked: open,
        symmetry,
        depth,
        maxStates,
        timeLimit: left,
        workers,
      },
      controlsFor(scope.name, controls, done, resume, secondsNow),
    ).catch(async (error: unknown) => {
      // Whatever ended it, what was finished is not lost.
      await controls.checkpoint?.flush();
      throw error instanceof ForeignSearchError
        ? (controls.checkpoint?.error(error.message) ?? error)
        : error;
    });
    resume = undefined;
    scopes.push(reportOf(scope.name, searched));
    coverages.push(searched.seen.coverage);
    for (const property of properties) {
      const found = tracesOf(exploration, plan, searched, property);
      if (found.length > 0) traces.set(property, { scope: scope.name, traces: found });
      const witness = searched.seen.witnesses[property.id];
      if (witness !== undefined && !witnesses.has(property)) witnesses.set(property, witness);
      // A depth is a plan that was carried out; every other limit cuts a plan short.
      if (isCut(searched.ended)) inconclusive.add(property);
    }
    // What is kept of it can be gone on with: no other scope is to take its place.
    if (searched.ended === 'interrupt' || searched.ended === 'memory') break;
  }
  await controls.checkpoint?.flush();
  const notBegun = scopes.length < plan.explorations.length;
  const told = traces.has(everyCommandIsAnswered) ? decided : asked;
  const properties = told.map((property): ExploredProperty => {
    const found = traces.get(property);
    if (found !== undefined) return { property, verdict: 'violated', ...found };
    const scope = witnesses.get(property) ?? null;
    const verdict =
      notBegun || inconclusive.has(property) ? 'inconclusive' : scope === null ? 'vacuous' : 'holds';
    return { property, verdict, scope, traces: [] };
  });
  return {
    verdict: overallVerdict(properties.map(({ verdict }) => verdict)),
    properties,
    undecided: plan.properties.filter((each) => !isDecided(each)),
    scopes,
    seconds: secondsNow(),
    coverage: mergeCoverage(coverages),
  };
}

/**
 * What the scopes before the one at hand came to. A violation is believed if its trace replays.
 * @throws UsageError where the checkpoint says what cannot be.
 */
function doneOf(
  saved: SavedScopes,
  { explorations, selection: { rules } }: ExplorePlan,
  properties: readonly Property[],
  checkpoint: Checkpoint | undefined,
): Done {
  const wrong = (why: string): Error =>
    checkpoint?.error(`expected a checkpoint that nestcheck wrote: ${why}`) ?? new Error(why);
  const ran = explorations.slice(0, saved.scopes.length).map(({ scope }) => scope);
  if (saved.scopes.some((report, at) => report.scope !== ran[at]?.name)) throw wrong('its scopes are others');
  let done: Done;
  try {
    done = Done.of(saved, properties);
  } catch (error) {
    throw wrong(thrownText(error));
  }
  for (const [property, { traces }] of done.traces)
    for (const trace of traces) {
      const scope = ran.find(({ name }) => name === trace.scope);
      const isOwn = scope !== undefined && trace.property === property.id;
      if (!isOwn || replayTrace(trace, { scope, rules, properties }) !== null)
        throw wrong(`its trace of ${property.id} does not replay`);
    }
  return done;
}

function controlsFor(
  scope: string,
  { signal, onProgress, checkpoint }: ExploreControls,
  done: Done,
  resume: SavedSearch | undefined,
  secondsNow: () => number,
): SearchControls {
  return {
    ...(resume === undefined ? {} : { resume }),
    ...(checkpoint === undefined
      ? {}
      : { onLevel: (search) => checkpoint.level({ done: done.saved(secondsNow()), search }) }),
    ...(signal === undefined ? {} : { signal }),
    ...(onProgress === undefined ? {} : { onProgress: (progress) => onProgress({ ...progress, scope }) }),
  };
}

function reportOf(scope: string, searched: Searched): ScopeReport {
  const { ended, states, unreducedStates, moves, transitions, depth, seconds, bytesPerState } = searched;
  return {
    scope,
    ended,
    complete: ended === 'exhausted',
    states,
    unreducedStates,
    moves,
    transitions,
    depth,
    seconds,
    bytesPerState,
    collisions: collisionBound(states),
  };
}

/** Different ways to violate a property with as few commands as there can be. */
function tracesOf(
  exploration: Exploration,
  { selection, symmetry }: ExplorePlan,
  { sightings, visited }: Searched,
  property: Property,
): readonly Trace[] {
  const { scope, prelude } = exploration;
  const setting: Setting = { scope, rules: selection.rules };
  const space = new Space(exploration, selection.rules, symmetry);
  const traces: Trace[] = [];
  const seen = new Set<string>();
  for (const sighting of sightings) {
    if (sighting.property !== property.id || traces.length === MOST_TRACES) continue;
    const calls = callsOf(setting, commandsTo(space, visited, sighting.state, sighting.move));
    const least = underOne(() => minimise(calls, showsViolation(setting, property)));
    // The prelude is no choice of the search, so leaving some of it out proves nothing about the rest.
    const guarantee = prelude.length === 0 && least.length === calls.length ? 'shortest' : '1-minimal';
    const trace = recordTrace(scope, selection, least, { property, guarantee });
    const shape = shapeOf(least);
    if (seen.has(shape)) continue;
    seen.add(shape);
    traces.push(trace);
  }
  return traces;
}

/** Two counterexamples are different where they make different commands. */
function shapeOf(calls: readonly Call[]): string {
  return calls.map(({ command }) => command).join(' ');
}
