import { type CandidateList, isLess } from './candidates.ts';
import type { Visited } from './visited.ts';

/** What became of a level's candidates. */
export interface Decided {
  /** By worker and candidate the number that it got; -1: another way to the state won. */
  readonly numbers: readonly Int32Array[];
  readonly added: number;
  /** States of the unreduced system that the added ones stand for. */
  readonly unreduced: number;
}

/** Enters the candidates of all workers; where several have the same state, the best way wins. */
export function decide(visited: Visited, lists: readonly CandidateList[]): Decided {
  const before = visited.size;
  const numbers = lists.map(({ size }) => new Int32Array(size));
  /** By new state: who has it, and where. */
  const workers: number[] = [];
  const places: number[] = [];
  let unreduced = 0;
  for (const [worker, { size, lo, hi, parents, moves, ranks, ties, orbits }] of lists.entries()) {
    const mine = numbers[worker] as Int32Array;
    for (let at = 0; at < size; at++) {
      const parent = parents[at] as number;
      const move = moves[at] as number;
      // A worker has each state once.
      const known = worker === 0 ? -1 : visited.find(lo[at] as number, hi[at] as number);
      if (known < 0) {
        mine[at] = visited.add(lo[at] as number, hi[at] as number, parent, move);
        workers.push(worker);
        places.push(at);
        unreduced += orbits[at] as number;
        continue;
      }
      const rival = workers[known - before] as number;
      const place = places[known - before] as number;
      const other = lists[rival] as CandidateList;
      const better = isLess(
        ranks[at] as number,
        ties[at] as number,
        other.ranks[place] as number,
        other.ties[place] as number,
      );
      if (!better) {
        mine[at] = -1;
        continue;
      }
      (numbers[rival] as Int32Array)[place] = -1;
      mine[at] = known;
      workers[known - before] = worker;
      places[known - before] = at;
      visited.reroute(known, parent, move);
    }
  }
  const renumbered = visited.sortFrom(before);
  for (const mine of numbers)
    for (let at = 0; at < mine.length; at++) {
      const number = mine[at] as number;
      if (number >= 0) mine[at] = renumbered[number - before] as number;
    }
  return { numbers, added: visited.size - before, unreduced };
}
