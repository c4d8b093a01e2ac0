import { type Call, NO_BINDINGS, resolveCall } from '../../model/call.ts';
import type { Scope } from '../../workload/scopes/scope.ts';
import { withCanonicalNames } from '../canonical.ts';
import { callsOf } from '../explore/calls.ts';
import { minimise } from '../minimise.ts';
import type { Generate } from '../random/engine.ts';
import { recordTrace, type Selection } from '../record.ts';
import { explorationOf as comparedWith } from '../shortest/exploration-of.ts';
import type { Bound, Guarantee } from '../trace/trace.ts';
import { type Alphabet, alphabetOf, explorationOf } from './alphabet.ts';
import { callsToDifference, type RulesPair } from './lockstep.ts';
import { Pause } from './pause.ts';
import type { DiffBound, Difference, DiffReport } from './report.ts';
import { type Searched, searchDifference } from './search.ts';
import { wander } from './wander.ts';

/** Which designs to tell apart, and how much to do for it. */
export interface DiffPlan {
  /** As the user named them. */
  readonly names: readonly [string, string];
  readonly selections: readonly [Selection, Selection];
  readonly scopes: readonly Scope[];
  readonly alphabet: Alphabet;
  readonly generate: Generate;
  /** Calls in the longest sequences that are searched; with it, no random runs are made. Null: as far as the rest allows. */
  readonly depth: number | null;
  /** Pairs of worlds that are searched in all: the scopes share them. Null: as many as there are. */
  readonly pairs: number | null;
  /** Milliseconds in all: the scopes share them, and in each half goes into the search. Null: no limit. */
  readonly timeLimit: number | null;
  readonly seed: number;
  /** Random runs per scope where the search finds nothing, and calls in each. */
  readonly runs: number;
  readonly steps: number;
}

export interface DiffProgress {
  readonly scope: string;
  readonly depth: number;
  readonly worlds: number;
  readonly runs: number;
}

export interface DiffControls {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: DiffProgress) => void;
}

/** Calls on which the answers differ, last. */
interface Found {
  readonly scope: Scope;
  readonly calls: readonly Call[];
  readonly guarantee: Guarantee;
  /** How far another search than the one that found it came; null: there was none. */
  readonly bound: Bound | null;
}

/** What was done in one scope. */
interface Looked {
  readonly found: Found | null;
  readonly bound: DiffBound;
  /** Pairs of worlds that were searched. */
  readonly pairs: number;
  /** Whether all that was planned was done. */
  readonly through: boolean;
}

/** Random runs with a difference that are made minimal, to report the smallest. */
const DIFFERENCES_COMPARED = 40;

/** Pairs of worlds after which a shorter difference than one that is minimal is looked for no further. */
const PAIRS_COMPARED = 5000;

/**
 * The shortest sequence of commands that two designs answer differently, over all scopes. The same plan gives the same
 * report, unless time or the signal ends it early.
 */
export async function diff(plan: DiffPlan, controls: DiffControls = {}): Promise<DiffReport> {
  const pause = new Pause(controls.signal);
  const ends = performance.now() + (plan.timeLimit ?? Number.POSITIVE_INFINITY);
  let pairsLeft = plan.pairs ?? Number.POSITIVE_INFINITY;
  const looked: Looked[] = [];
  let best: Found | null = null;
  for (const [index, scope] of plan.scopes.entries()) {
    if (best?.calls.length === 1 || pause.interrupted) break;
    const now = performance.now();
    const scopesLeft = plan.scopes.length - index;
    const share = Math.max(0, ends - now) / scopesLeft;
    const pairs = Math.max(1, Math.floor(pairsLeft / scopesLeft));
    const longest: number = best === null ? Number.POSITIVE_INFINITY : best.calls.length - 1;
    const done = await lookInto(scope, plan, { longest, now, share, pairs }, pause, controls);
    looked.push(done);
    pairsLeft -= Math.min(done.pairs, pairs);
    if (done.found !== null && done.found.calls.length <= longest) best = done.found;
  }
  const bounds = looked.map(({ bound }) => bound);
  const scopes = plan.scopes.slice(0, looked.length).map(({ name }) => name);
  const bound = {
    depth: Math.min(...bounds.map(({ depth }) => depth)),
    complete: bounds.every(({ complete }) => complete),
    runs: bounds.reduce((sum, { runs }) => sum + runs, 0),
  };
  const through = looked.length === plan.scopes.length && looked.every((each) => each.through);
  return {
    verdict: best !== null ? 'differ' : through ? 'same' : 'inconclusive',
    designs: plan.names,
    scopes,
    difference: best === null ? null : differenceOf(best, plan),
    bound: looked.length === 0 ? { depth: 0, complete: false, runs: 0 } : bound,
  };
}

function rulesOf({ selections: [first, second] }: DiffPlan): RulesPair {
  return [first.rules, second.rules];
}

interface Share {
  /** Longer differences are of no use. */
  readonly longest: number;
  /** When work on the scope began, and how long it may take. */
  readonly now: number;
  readonly share: number;
  /** Pairs of worlds to search. */
  readonly pairs: number;
}

async function lookInto(
  scope: Scope,
  plan: DiffPlan,
  { longest, now, share, pairs }: Share,
  pause: Pause,
  { onProgress }: DiffControls,
): Promise<Looked> {
  const rules = rulesOf(plan);
  const depth = Math.min(plan.depth ?? Number.POSITIVE_INFINITY, longest);
  const searchEnds = now + (plan.depth === null ? share / 2 : share);
  const searched = await searchDifference(
    { scope, rules, alphabet: plan.alphabet, exploration: explorationOf(scope), depth },
    async (reached, worlds) =>
      worlds <= pairs &&
      pause.goesOn(searchEnds, () => onProgress?.({ scope: scope.name, depth: reached, worlds, runs: 0 })),
  );
  const bound = { depth: searched.depth, complete: searched.complete, runs: 0 };
  const looked = { bound, pairs: searched.worlds };
  if (searched.calls !== null)
    return {
      ...looked,
      found: await minimal(scope, rules, named(scope, rules, searched.calls), searched),
      through: true,
    };
  // Without a depth, what is left is for random runs: mistakes too, which the search does not make.
  if (searched.ended === 'depth' || plan.depth !== null)
    return { ...looked, found: null, through: searched.ended !== 'cut' };
  let least: readonly Call[] | null = null;
  let runs = 0;
  let differing = 0;
  while (runs < plan.runs && differing < DIFFERENCES_COMPARED) {
    const progress = { scope: scope.name, depth: searched.depth, worlds: searched.worlds, runs };
    if (!(await pause.goesOn(now + share, () => onProgress?.(progress)))) break;
    const calls = wander({ scope, rules, generate: plan.generate, steps: plan.steps }, plan.seed, runs++);
    if (calls === null) continue;
    differing++;
    const one = minimise(calls, (some) => callsToDifference(scope, rules, some));
    if (least === null || one.length < least.length) least = one;
  }
  const found = least === null ? null : await minimal(scope, rules, least, null);
  return { ...looked, found, bound: { ...bound, runs }, through: runs === plan.runs };
}

/** The calls of a search by the names of what they make: under both designs they make the same, but for the last. */
function named(scope: Scope, rules: RulesPair, calls: readonly Call[]): readonly Call[] {
  if (calls.some(({ as }) => as !== undefined)) return calls;
  return callsOf(
    { scope, rules: rules[0] },
    calls.map((call) => resolveCall(call, NO_BINDINGS)),
  );
}

/**
 * The calls made minimal, and whether nothing shorter can be: as one call has to be, as the search proved, or as
 * another search proves among what exploration tries and the calls' own commands (`explorationOf`). Where that one finds something
 * shorter, it is that.
 */
async function minimal(
  scope: Scope,
  rules: RulesPair,
  calls: readonly Call[],
  searched: Searched | null,
): Promise<Found> {
  const setting = { scope, rules: rules[0] };
  const shows = (some: readonly Call[]): number | null => callsToDifference(scope, rules, some);
  const found = (least: readonly Call[], proved: boolean, bound: Bound | null): Found => {
    const guarantee = proved || least.length === 1 ? 'shortest' : '1-minimal';
    return { scope, calls: withCanonicalNames(setting, least), guarantee, bound };
  };
  for (let best = minimise(calls, shows), proof = searched; ; ) {
    if (proof?.complete === true && best.length === calls.length) return found(best, true, null);
    proof = null;
    const compared = comparedWith(setting, best);
    if (compared === null || best.length === 1) return found(best, false, null);
    const { exploration, alphabet } = compared;
    const again = await searchDifference(
      { scope, rules, alphabet: alphabetOf(exploration), exploration, depth: best.length - 1 },
      async (_depth, pairs) => pairs < PAIRS_COMPARED,
    );
    if (again.calls === null) {
      const isCut = again.ended === 'cut';
      return found(best, !isCut, { depth: isCut ? again.depth : best.length - 1, alphabet });
    }
    best = minimise(named(scope, rules, again.calls), shows);
  }
}

function differenceOf({ scope, calls, guarantee, bound }: Found, { selections }: DiffPlan): Difference {
  const [first, second] = selections.map((selection) => {
    const trace = recordTrace(scope, selection, calls, null);
    return { ...trace, guarantee, ...(bound === null ? {} : { bound }) };
  });
  if (first === undefined || second === undefined) throw new Error('two designs were to be compared');
  return { scope, traces: [first, second], rules: [selections[0].rules, selections[1].rules] };
}
