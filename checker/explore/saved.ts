import type { MonitorState } from '../monitor.ts';
import type { Sighting } from './expander.ts';
import type { Returns } from './returns.ts';
import { type Columns, Visited } from './visited.ts';

/** The columns of what was visited, and where a move led back to (`Returns`). */
export interface SavedColumns extends Columns {
  readonly backs: Uint32Array;
}

/** A search behind a finished level: everything that it takes to go on from there. */
export interface SavedSearch {
  readonly columns: SavedColumns;
  /** States, the last of them, whose moves are still to be made. */
  readonly frontier: number;
  readonly depth: number;
  readonly unreducedStates: number;
  readonly moves: number;
  readonly transitions: number;
  readonly sightings: readonly Sighting[];
  readonly seen: MonitorState;
  /** How long it took until then. */
  readonly seconds: number;
}

/** What has been visited so far. It stays as it is: what is visited later goes behind it. */
export function columnsOf(visited: Visited, returns: Returns): SavedColumns {
  const { lo, hi, parents, moves } = visited.columns;
  const { size } = visited;
  return {
    lo: lo.subarray(0, size),
    hi: hi.subarray(0, size),
    parents: parents.subarray(0, size),
    moves: moves.subarray(0, size),
    backs: returns.backs(size),
  };
}

export function visitedOf({ lo, hi, parents, moves }: Columns): Visited {
  const visited = new Visited();
  for (let at = 0; at < lo.length; at++)
    visited.add(lo[at] as number, hi[at] as number, parents[at] as number, moves[at] as number);
  return visited;
}
