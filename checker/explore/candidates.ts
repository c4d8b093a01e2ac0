import { mix0, mix1 } from './mix.ts';
import type { State } from './space.ts';

/** What of the candidates whoever decides needs to know. */
export interface CandidateList {
  readonly size: number;
  readonly lo: Int32Array;
  readonly hi: Int32Array;
  readonly parents: Uint32Array;
  readonly moves: Uint32Array;
  readonly ranks: Uint32Array;
  readonly ties: Uint32Array;
  readonly orbits: Float64Array;
}

const FIRST_CAPACITY = 1 << 12;

/**
 * The states that one worker found in a level and that are in no level before it, each once, by the best of the ways
 * that lead to it from the worker's own states. Which way is best depends on fingerprints alone, so the traces of a
 * search are the same whatever the number of workers.
 */
export class Candidates {
  size = 0;
  states: State[] = [];
  #capacity = FIRST_CAPACITY;
  #lo = new Int32Array(FIRST_CAPACITY);
  #hi = new Int32Array(FIRST_CAPACITY);
  #parents = new Uint32Array(FIRST_CAPACITY);
  #moves = new Uint32Array(FIRST_CAPACITY);
  #ranks = new Uint32Array(FIRST_CAPACITY);
  #ties = new Uint32Array(FIRST_CAPACITY);
  #orbits = new Float64Array(FIRST_CAPACITY);
  #index = new Uint32Array(2 * FIRST_CAPACITY);

  clear(): void {
    this.size = 0;
    this.states = [];
    this.#index.fill(0);
  }

  /** Offers a state by a way from a parent with the given fingerprint. */
  offer(
    lo: number,
    hi: number,
    parent: number,
    parentLo: number,
    parentHi: number,
    move: number,
    orbit: number,
    state: State,
  ): void {
    const rank = mix0(mix0(parentLo, parentHi), move) >>> 0;
    const tie = mix1(mix1(parentHi, parentLo), move) >>> 0;
    const mask = this.#index.length - 1;
    let at = hi & mask;
    for (; this.#index[at] !== 0; at = (at + 1) & mask) {
      const known = (this.#index[at] as number) - 1;
      if (this.#lo[known] !== lo || this.#hi[known] !== hi) continue;
      if (!isLess(rank, tie, this.#ranks[known] as number, this.#ties[known] as number)) return;
      this.#put(known, parent, move, rank, tie, state);
      return;
    }
    if (this.size === this.#capacity) this.#grow();
    const next = this.size++;
    this.#lo[next] = lo;
    this.#hi[next] = hi;
    this.#orbits[next] = orbit;
    this.#put(next, parent, move, rank, tie, state);
    if (this.size * 2 > this.#index.length) this.#reindex();
    else this.#index[at] = next + 1;
  }

  list(): CandidateList {
    const { size } = this;
    return {
      size,
      lo: this.#lo.subarray(0, size),
      hi: this.#hi.subarray(0, size),
      parents: this.#parents.subarray(0, size),
      moves: this.#moves.subarray(0, size),
      ranks: this.#ranks.subarray(0, size),
      ties: this.#ties.subarray(0, size),
      orbits: this.#orbits.subarray(0, size),
    };
  }

  #put(at: number, parent: number, move: number, rank: number, tie: number, state: State): void {
    this.#parents[at] = parent;
    this.#moves[at] = move;
    this.#ranks[at] = rank;
    this.#ties[at] = tie;
    this.states[at] = state;
  }

  #grow(): void {
    this.#capacity *= 2;
    const wider = <T extends Int32Array | Uint32Array | Float64Array>(old: T, fresh: T): T => {
      fresh.set(old);
      return fresh;
    };
    this.#lo = wider(this.#lo, new Int32Array(this.#capacity));
    this.#hi = wider(this.#hi, new Int32Array(this.#capacity));
    this.#parents = wider(this.#parents, new Uint32Array(this.#capacity));
    this.#moves = wider(this.#moves, new Uint32Array(this.#capacity));
    this.#ranks = wider(this.#ranks, new Uint32Array(this.#capacity));
    this.#ties = wider(this.#ties, new Uint32Array(this.#capacity));
    this.#orbits = wider(this.#orbits, new Float64Array(this.#capacity));
  }

  #reindex(): void {
    this.#index = new Uint32Array(this.#index.length * 2);
    const mask = this.#index.length - 1;
    for (let each = 0; each < this.size; each++) {
      let at = (this.#hi[each] as number) & mask;
      while (this.#index[at] !== 0) at = (at + 1) & mask;
      this.#index[at] = each + 1;
    }
  }
}

export function isLess(rank: number, tie: number, otherRank: number, otherTie: number): boolean {
  return rank < otherRank || (rank === otherRank && tie < otherTie);
}
