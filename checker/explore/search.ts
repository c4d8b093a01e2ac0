import type { Exploration } from '../../properties/alphabet/alphabet.ts';
import type { Property } from '../../properties/property.ts';
import { type MonitorState, mergeCoverage } from '../monitor.ts';
import type { Selection } from '../record.ts';
import { UsageError } from '../select/usage-error.ts';
import { isLess } from './candidates.ts';
import { type Expanded, Expander, type Sighting } from './expander.ts';
import { type Ended, LocalPart, type Part } from './part.ts';
import { movesTo } from './path.ts';
import { RemotePart } from './remote.ts';
import { isSameGoal, lookAtUnknown, Returns } from './returns.ts';
import { columnsOf, type SavedSearch, visitedOf } from './saved.ts';
import { Space } from './space.ts';
import { Visited } from './visited.ts';

/** What to explore, and how far. */
export interface SearchPlan {
  readonly exploration: Exploration;
  /** The rules; with several workers they must be those that its names stand for. */
  readonly selection: Selection;
  readonly properties: readonly Property[];
  readonly symmetry: boolean;
  /** Commands in the longest traces; null: as long as there are new states. */
  readonly depth: number | null;
  /** States after which no further level is begun; null: no limit. */
  readonly maxStates: number | null;
  /** Milliseconds; null: no limit. */
  readonly timeLimit: number | null;
  /** Threads; 1: this one. The result does not depend on it. */
  readonly workers: number;
  /** Ends behind the first level that violates a property; left out: goes on, for the others. */
  readonly onlyFirst?: true;
}

export interface SearchProgress {
  readonly states: number;
  readonly frontier: number;
  readonly depth: number;
  readonly seconds: number;
}

export interface SearchControls {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: SearchProgress) => void;
  /** Where to go on, instead of at the start. */
  readonly resume?: SavedSearch;
  /** Told behind each finished level from where the search could go on. */
  readonly onLevel?: (saved: SavedSearch) => Promise<void>;
}

/** What was saved is of another model or alphabet: the ways to its states do not lead to them. */
export class ForeignSearchError extends UsageError {
  constructor() {
    super('the checkpoint is of another model: the ways to its states lead elsewhere');
    this.name = 'ForeignSearchError';
  }
}

export interface Searched {
  readonly ended: Ended;
  /** Different states that were seen, and those of the unreduced system that they stand for. */
  readonly states: number;
  readonly unreducedStates: number;
  /** Moves that were made, and transitions of the unreduced system that they stand for. */
  readonly moves: number;
  readonly transitions: number;
  /** Commands in the shortest traces to the states that are furthest away. */
  readonly depth: number;
  readonly seconds: number;
  readonly bytesPerState: number;
  /** The first sightings of each violated property: no shorter trace of the alphabet shows it. */
  readonly sightings: readonly Sighting[];
  readonly seen: MonitorState;
  readonly visited: Visited;
}

/** States in a level, per worker, from which on the workers share the work. */
const WIDE = 64;

/** Breadth first over everything that the exploration's commands lead to, level by level. */
export async function search(plan: SearchPlan, controls: SearchControls = {}): Promise<Searched> {
  const parts = partsOf(plan);
  try {
    return await searchWith(parts, plan, controls);
  } finally {
    for (const part of parts) await part.end();
  }
}

function partsOf({ exploration, selection, properties, symmetry, workers }: SearchPlan): readonly Part[] {
  if (workers === 1) {
    const { rules } = selection;
    return [new LocalPart(new Expander(new Space(exploration, rules, symmetry), rules, properties))];
  }
  const { design, defects } = selection;
  const recipe = {
    exploration: exploration.scope.name,
    selection: { design, defects },
    properties: properties.map(({ id }) => id),
    symmetry,
  };
  return Array.from({ length: workers }, () => new RemotePart(recipe));
}

const NOTHING_YET = { unreducedStates: 0, moves: 0, transitions: 0, depth: 0, frontier: 1 } as const;

function mergeSeen(seen: readonly MonitorState[]): MonitorState {
  return {
    coverage: mergeCoverage(seen.map(({ coverage }) => coverage)),
    witnesses: Object.assign({}, ...seen.map(({ witnesses }) => witnesses)),
  };
}

async function searchWith(
  parts: readonly Part[],
  plan: SearchPlan,
  controls: SearchControls,
): Promise<Searched> {
  const started = performance.now();
  const deadline = plan.timeLimit === null ? Number.POSITIVE_INFINITY : started + plan.timeLimit;
  const { resume } = controls;
  const before = resume?.seconds ?? 0;
  const secondsNow = (): number => before + (performance.now() - started) / 1000;
  const visited = resume === undefined ? new Visited() : visitedOf(resume.columns);
  const sightings: Sighting[] = [];
  const forget = async (found: readonly Sighting[]): Promise<void> => {
    const violated = [...new Set(found.map(({ property }) => property))];
    if (violated.length > 0) await Promise.all(parts.map((part) => part.forget(violated)));
  };
  const note = async (found: readonly Sighting[]): Promise<void> => {
    sightings.push(...found.toSorted((a, b) => a.rank - b.rank));
    await forget(found);
  };
  // All workers have the same states, and do the same, until there is enough to share.
  let shared = parts.length === 1;
  const whoCounts = <T>(results: readonly T[]): readonly T[] => (shared ? results : results.slice(0, 1));
  let { unreducedStates, moves, transitions, depth, frontier } = resume ?? NOTHING_YET;
  if (resume === undefined) {
    const begun = await Promise.all(parts.map((part) => part.begin()));
    const [{ first, sightings: atStart }] = begun as [(typeof begun)[number]];
    visited.add(first.lo, first.hi, 0, 0);
    unreducedStates = first.orbit;
    await note(atStart);
  } else {
    const { shelves, size } = visited;
    const at = { shelves, first: size - frontier, size };
    const reopened = await Promise.all(parts.map((part) => part.reopen(at)));
    if (reopened.includes(false)) throw new ForeignSearchError();
    sightings.push(...resume.sightings);
    await forget(sightings);
  }
  const returns = Returns.of(resume?.columns.backs);
  let level = visited.size - frontier;
  let ended: Ended | null = null;
  const stopped = (): Ended | null => {
    const seconds = secondsNow();
    controls.onProgress?.({ states: visited.size, frontier, depth, seconds });
    if (controls.signal?.aborted === true) return 'interrupt';
    return performance.now() >= deadline ? 'time' : null;
  };
  const seenSoFar = async (): Promise<MonitorState> => {
    const seen = whoCounts(await Promise.all(parts.map((part) => part.seen())));
    return mergeSeen(resume === undefined ? seen : [resume.seen, ...seen]);
  };
  for (;;) {
    if (plan.onlyFirst === true && sightings.length > 0) {
      ended = 'depth';
      break;
    }
    ended = endOf(plan, { frontier, depth, states: visited.size }) ?? stopped();
    if (ended !== null) break;
    if (!shared && frontier >= WIDE * parts.length) {
      await Promise.all(parts.map((part, at) => part.split(at, parts.length)));
      shared = true;
    }
    const results = await Promise.all(parts.map((part) => part.expand(visited.shelves, level, stopped)));
    const expanded = whoCounts(results).filter((result) => typeof result !== 'string');
    ended = results.find((result) => typeof result === 'string') ?? null;
    if (ended !== null) break;
    level = visited.size;
    const { numbers, added, unreduced } = decide(visited, expanded);
    const settled = await Promise.all(
      parts.map((part, at) => part.settle(numbers[shared ? at : 0] as Int32Array)),
    );
    await note([...expanded.flatMap((each) => each.sightings), ...whoCounts(settled).flat()]);
    for (const each of expanded) {
      moves += each.moves;
      transitions += each.transitions;
      returns.note(each.returns);
    }
    unreducedStates += unreduced;
    frontier = added;
    if (frontier > 0) depth++;
    await controls.onLevel?.({
      columns: columnsOf(visited, returns),
      frontier,
      depth,
      unreducedStates,
      moves,
      transitions,
      sightings: [...sightings],
      seen: await seenSoFar(),
      seconds: secondsNow(),
    });
  }
  if (ended !== 'time' && ended !== 'interrupt') {
    // The states whose moves were not made come last, and the workers have them at hand.
    const rest = whoCounts(await Promise.all(parts.map((part) => part.lookAtRest()))).flat();
    const violated = sightings.map(({ property }) => property);
    const open = plan.properties.filter(isSameGoal).filter(({ id }) => !violated.includes(id));
    const inner = lookAtUnknown(
      plan,
      open,
      visited,
      returns.unknown(ended === 'exhausted' ? visited.size : level),
    );
    await note(firstOf([...inner, ...rest], visited));
  }
  return {
    ended,
    states: visited.size,
    unreducedStates,
    moves,
    transitions,
    depth,
    seconds: secondsNow(),
    bytesPerState: visited.bytes / visited.size,
    sightings,
    seen: await seenSoFar(),
    visited,
  };
}

/** Of each property the sightings in the states that come first. */
function firstOf(sightings: readonly Sighting[], visited: Visited): readonly Sighting[] {
  const first = new Map<string, number>();
  const depths = sightings.map(({ state }) => movesTo(visited, state).length);
  for (const [at, { property }] of sightings.entries())
    first.set(property, Math.min(first.get(property) ?? Number.POSITIVE_INFINITY, depths[at] ?? 0));
  return sightings.filter(({ property }, at) => depths[at] === first.get(property));
}

/** Whether a search is at its end, between two levels. */
function endOf(
  { depth: most, maxStates }: SearchPlan,
  at: { readonly frontier: number; readonly depth: number; readonly states: number },
): Ended | null {
  if (at.frontier === 0) return 'exhausted';
  if (most !== null && at.depth >= most) return 'depth';
  return maxStates !== null && at.states >= maxStates ? 'states' : null;
}

/** What became of a level's candidates. */
interface Decided {
  /** By worker, what `settle` takes. */
  readonly numbers: readonly Int32Array[];
  readonly added: number;
  readonly unreduced: number;
}

/** Enters the candidates of all workers; where several have the same state, the best way wins. */
function decide(visited: Visited, expanded: readonly Expanded[]): Decided {
  const before = visited.size;
  const numbers = expanded.map(({ candidates }) => new Int32Array(candidates.size));
  /** By new state: who has it, and how. */
  const winners: { part: number; at: number }[] = [];
  let unreduced = 0;
  for (const [part, { candidates }] of expanded.entries()) {
    const { size, lo, hi, parents, moves, ranks, ties, orbits } = candidates;
    const mine = numbers[part] as Int32Array;
    for (let at = 0; at < size; at++) {
      const parent = parents[at] as number;
      const move = moves[at] as number;
      const known = expanded.length === 1 ? -1 : visited.find(lo[at] as number, hi[at] as number);
      if (known < 0) {
        mine[at] = visited.add(lo[at] as number, hi[at] as number, parent, move);
        if (expanded.length > 1) winners.push({ part, at });
        unreduced += orbits[at] as number;
        continue;
      }
      const winner = winners[known - before] as { part: number; at: number };
      const other = (expanded[winner.part] as Expanded).candidates;
      const better = isLess(
        ranks[at] as number,
        ties[at] as number,
        other.ranks[winner.at] as number,
        other.ties[winner.at] as number,
      );
      if (!better) {
        mine[at] = -1;
        continue;
      }
      (numbers[winner.part] as Int32Array)[winner.at] = -1;
      mine[at] = known;
      winners[known - before] = { part, at };
      visited.reroute(known, parent, move);
    }
  }
  return { numbers, added: visited.size - before, unreduced };
}
