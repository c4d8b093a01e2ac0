import type { Rules } from '../../model/rules.ts';
import type { Exploration } from '../../properties/alphabet/alphabet.ts';
import type { Property } from '../../properties/property.ts';
import { Monitor } from '../monitor.ts';
import { watchOf } from '../watch.ts';
import { isLess } from './candidates.ts';
import { type Expanded, Expander, type Sighting } from './expander.ts';
import { Space } from './space.ts';
import { Lookup, type Shelves, Visited } from './visited.ts';

/** What to explore, and how far. */
export interface SearchPlan {
  readonly exploration: Exploration;
  readonly rules: Rules;
  readonly properties: readonly Property[];
  readonly symmetry: boolean;
  /** Commands in the longest traces; null: as long as there are new states. */
  readonly depth: number | null;
  /** States after which no further level is begun; null: no limit. */
  readonly maxStates: number | null;
  /** Milliseconds; null: no limit. */
  readonly timeLimit: number | null;
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
}

/** Why a search ended. `exhausted`: there is nothing that it has not seen. */
export type Ended = 'exhausted' | 'depth' | 'states' | 'time' | 'interrupt';

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
  readonly monitor: Monitor;
  readonly visited: Visited;
}

/** Breadth first over everything that the exploration's commands lead to, level by level. */
export async function search(plan: SearchPlan, controls: SearchControls = {}): Promise<Searched> {
  const started = performance.now();
  const deadline = plan.timeLimit === null ? Number.POSITIVE_INFINITY : started + plan.timeLimit;
  const part = new LocalPart(plan);
  const parts = [part];
  const visited = new Visited();
  const { first, sightings: atStart } = await part.begin();
  visited.add(first.lo, first.hi, 0, 0);
  const sightings: Sighting[] = [];
  const note = async (found: readonly Sighting[]): Promise<void> => {
    sightings.push(...found.toSorted((a, b) => a.rank - b.rank));
    const violated = [...new Set(found.map(({ property }) => property))];
    for (const each of parts) await each.forget(violated);
  };
  await note(atStart);
  let unreducedStates = first.orbit;
  let moves = 0;
  let transitions = 0;
  let depth = 0;
  let frontier = 1;
  let ended: Ended | null = null;
  while (ended === null) {
    if (frontier === 0) ended = 'exhausted';
    else if (depth >= (plan.depth ?? Number.POSITIVE_INFINITY)) ended = 'depth';
    else if (visited.size >= (plan.maxStates ?? Number.POSITIVE_INFINITY)) ended = 'states';
    if (ended !== null) break;
    const progress = (): void => {
      const seconds = (performance.now() - started) / 1000;
      controls.onProgress?.({ states: visited.size, frontier, depth, seconds });
    };
    const stopped = (): Ended | null => {
      progress();
      if (controls.signal?.aborted === true) return 'interrupt';
      return performance.now() >= deadline ? 'time' : null;
    };
    const expanded: Expanded[] = [];
    for (const each of parts) {
      const result = await each.expand(visited.shelves, stopped);
      if (typeof result === 'string') ended = result;
      else expanded.push(result);
    }
    if (ended !== null) break;
    const decided = decide(visited, expanded);
    const found = expanded.flatMap((each) => each.sightings);
    for (const [at, each] of parts.entries())
      found.push(...(await each.settle(decided.numbers[at] as Int32Array)));
    await note(found);
    for (const each of expanded) {
      moves += each.moves;
      transitions += each.transitions;
    }
    unreducedStates += decided.unreduced;
    frontier = decided.added;
    if (frontier > 0) depth++;
  }
  const seconds = (performance.now() - started) / 1000;
  const bytesPerState = visited.bytes / visited.size;
  return {
    ended,
    states: visited.size,
    unreducedStates,
    moves,
    transitions,
    depth,
    seconds,
    bytesPerState,
    sightings,
    monitor: part.monitor,
    visited,
  };
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

/** How long to go on, in milliseconds, before interrupts are let in and progress is shown. */
const BREATH = 80;

/** The only worker: in this thread. */
class LocalPart {
  readonly monitor: Monitor;
  readonly #expander: Expander;

  constructor({ exploration, rules, properties, symmetry }: SearchPlan) {
    this.monitor = new Monitor(properties);
    const space = new Space(exploration, rules, symmetry);
    this.#expander = new Expander(space, rules, watchOf(properties), this.monitor);
  }

  async begin(): Promise<ReturnType<Expander['begin']>> {
    return this.#expander.begin();
  }

  async forget(properties: readonly string[]): Promise<void> {
    this.#expander.forget(properties);
  }

  async expand(shelves: Shelves, stopped: () => Ended | null): Promise<Expanded | Ended> {
    const lookup = new Lookup(shelves);
    while (!this.#expander.expand(lookup, BREATH)) {
      await new Promise((resolve) => setTimeout(resolve, 0));
      const ended = stopped();
      if (ended !== null) return ended;
    }
    return this.#expander.result();
  }

  async settle(numbers: Int32Array): Promise<readonly Sighting[]> {
    return this.#expander.settle(numbers);
  }
}
