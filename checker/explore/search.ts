import type { Property } from '../../properties/property.ts';
import type { Exploration } from '../../workload/alphabet/alphabet.ts';
import { type MonitorState, mergeCoverage } from '../monitor.ts';
import { orderOf } from '../platform/select.ts';
import type { Selection } from '../record.ts';
import { UsageError } from '../select/usage-error.ts';
import { decide } from './decide.ts';
import type { Ended } from './ended.ts';
import { Expander, MOST_SIGHTINGS, type Sighting } from './expander.ts';
import { isHeapNearlyFull } from './heap.ts';
import { movesTo } from './path.ts';
import { isSameGoal, lookAtUnknown, Returns } from './returns.ts';
import { columnsOf, type SavedSearch, visitedOf } from './saved.ts';
import { Space } from './space.ts';
import { type Shelves, Visited } from './visited.ts';
import { WorkerPool } from './worker-pool.ts';

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
  /** Threads, this one among them. The result does not depend on it. */
  readonly workers: number;
  /** Waits for all workers before it begins; left out: the others join when they are ready. */
  readonly together?: true;
  /** Ends behind the first level that violates a property; left out: goes on, for the others. */
  readonly onlyFirst?: true;
  /** Ends behind the level by which all of these are violated, by id; left out: goes on, for what else there is to see. */
  readonly asked?: readonly string[];
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
  /** Moves that each worker made: the only thing here that depends on their number, and on chance. */
  readonly shares: readonly number[];
}

/** Breadth first over everything that the exploration's commands lead to, level by level. */
export async function search(plan: SearchPlan, controls: SearchControls = {}): Promise<Searched> {
  const pool = poolOf(plan);
  try {
    if (plan.together === true) await pool.assembled();
    return await searchWith(pool, plan, controls);
  } finally {
    await pool.end();
  }
}

function poolOf({ exploration, selection, properties, symmetry, workers }: SearchPlan): WorkerPool {
  const { rules, design, defects } = selection;
  const recipe = {
    scope: orderOf(exploration.scope),
    selection: { design, defects },
    properties: properties.map(({ id }) => id),
    symmetry,
  };
  const here = new Expander(new Space(exploration, rules, symmetry), rules, properties);
  return new WorkerPool(here, Array(workers - 1).fill(recipe));
}

const NOTHING_YET = { unreducedStates: 0, moves: 0, transitions: 0, depth: 0, frontier: 1 } as const;

function mergeSeen(seen: readonly MonitorState[]): MonitorState {
  return {
    coverage: mergeCoverage(seen.map(({ coverage }) => coverage)),
    witnesses: Object.assign({}, ...seen.map(({ witnesses }) => witnesses)),
  };
}

async function searchWith(pool: WorkerPool, plan: SearchPlan, controls: SearchControls): Promise<Searched> {
  const started = performance.now();
  const deadline = plan.timeLimit === null ? Number.POSITIVE_INFINITY : started + plan.timeLimit;
  const { resume } = controls;
  const before = resume?.seconds ?? 0;
  const secondsNow = (): number => before + (performance.now() - started) / 1000;
  const visited = resume === undefined ? new Visited() : visitedOf(resume.columns);
  const sightings: Sighting[] = [];
  const violated = (): readonly string[] => [...new Set(sightings.map(({ property }) => property))];
  let { unreducedStates, moves, transitions, depth, frontier } = resume ?? NOTHING_YET;
  if (resume === undefined) {
    const { first, sightings: atStart } = pool.begin();
    visited.add(first.lo, first.hi, 0, 0);
    unreducedStates = first.orbit;
    sightings.push(...leastOf(atStart));
  } else {
    const { shelves, size } = visited;
    if (!isReopened(pool, shelves, size - frontier, size)) throw new ForeignSearchError();
    sightings.push(...resume.sightings);
  }
  const returns = Returns.of(resume?.columns.backs);
  let level = visited.size - frontier;
  let ended: Ended | null = null;
  const stopped = (): Ended | null => {
    const seconds = secondsNow();
    controls.onProgress?.({ states: visited.size, frontier, depth, seconds });
    if (controls.signal?.aborted === true) return 'interrupt';
    if (isHeapNearlyFull()) return 'memory';
    return performance.now() >= deadline ? 'time' : null;
  };
  const seenSoFar = async (): Promise<MonitorState> => {
    const seen = await pool.seen();
    return mergeSeen(resume === undefined ? seen : [resume.seen, ...seen]);
  };
  for (;;) {
    if (plan.onlyFirst === true && sightings.length > 0) {
      ended = 'depth';
      break;
    }
    if (plan.asked?.every((id) => violated().includes(id)) === true) {
      ended = 'decided';
      break;
    }
    ended = endOf(plan, { frontier, depth, states: visited.size }) ?? stopped();
    if (ended !== null) break;
    const { shelves } = visited;
    const expanded = await pool.expand({ shelves, first: level, violated: violated(), stopped });
    if (typeof expanded === 'string') {
      ended = expanded;
      break;
    }
    level = visited.size;
    const decided = decide(
      visited,
      expanded.map(({ candidates }) => candidates),
    );
    const settled = await pool.settle(decided.numbers);
    sightings.push(...leastOf([...expanded.flatMap((each) => each.sightings), ...settled]));
    for (const each of expanded) {
      moves += each.moves;
      transitions += each.transitions;
      returns.note(each.returns);
    }
    unreducedStates += decided.unreduced;
    frontier = decided.added;
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
  if (ended !== 'time' && ended !== 'memory' && ended !== 'interrupt') {
    // The states whose moves were not made come last, and the workers have them at hand.
    const known = violated();
    const rest = await pool.lookAtRest(known);
    const open = plan.properties.filter(isSameGoal).filter(({ id }) => !known.includes(id));
    const inner = lookAtUnknown(
      plan,
      open,
      visited,
      returns.unknown(ended === 'exhausted' ? visited.size : level),
    );
    sightings.push(...leastOf(firstOf([...inner, ...rest], visited)));
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
    shares: pool.shares,
  };
}

/** Whether the ways to the states that are open are there, and lead to them. */
function isReopened(pool: WorkerPool, shelves: Shelves, first: number, size: number): boolean {
  try {
    return pool.reopen(shelves, first, size);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    // A move that there is not, from a state that there is not: it was saved by another model, or forged.
    return false;
  }
}

/** The sightings that come first, as many of each property as one worker keeps of a level, in their order. */
function leastOf(sightings: readonly Sighting[]): readonly Sighting[] {
  const kept = new Map<string, number>();
  return sightings
    .toSorted((a, b) => a.rank - b.rank)
    .filter(({ property }) => {
      const count = (kept.get(property) ?? 0) + 1;
      kept.set(property, count);
      return count <= MOST_SIGHTINGS;
    });
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
