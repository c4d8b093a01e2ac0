/** Words of a stored state: fingerprint (two), where it was come from, by which move. */
const COLUMNS = 4;

const FIRST_CAPACITY = 1 << 12;

/** At most this many of a hundred places of the index are taken. */
const FULL_PERCENT = 65;

/** The memory of a search, as workers share it. */
export interface Shelves {
  /** Lanes of the fingerprints, parents and moves, by state. */
  readonly columns: readonly [SharedArrayBuffer, SharedArrayBuffer, SharedArrayBuffer, SharedArrayBuffer];
  /** State numbers plus one by fingerprint, open addressing; 0: free. */
  readonly index: SharedArrayBuffer;
}

/** Fingerprints, parents and moves, by state. */
export interface Columns {
  readonly lo: Int32Array;
  readonly hi: Int32Array;
  readonly parents: Uint32Array;
  readonly moves: Uint32Array;
}

/** Where states are found by their fingerprints; workers look only. */
export class Lookup {
  protected lo: Int32Array;
  protected hi: Int32Array;
  protected parents: Uint32Array;
  protected moves: Uint32Array;
  protected index: Uint32Array;

  constructor({ columns: [lo, hi, parents, moves], index }: Shelves) {
    this.lo = new Int32Array(lo);
    this.hi = new Int32Array(hi);
    this.parents = new Uint32Array(parents);
    this.moves = new Uint32Array(moves);
    this.index = new Uint32Array(index);
  }

  /** The number of the state with this fingerprint; -1 where there is none. */
  find(lo: number, hi: number): number {
    const { index } = this;
    const mask = index.length - 1;
    for (let at = lo & mask; ; at = (at + 1) & mask) {
      const number = (index[at] as number) - 1;
      if (number < 0) return -1;
      if (this.lo[number] === lo && this.hi[number] === hi) return number;
    }
  }

  loOf(state: number): number {
    return this.lo[state] as number;
  }

  hiOf(state: number): number {
    return this.hi[state] as number;
  }

  /** The state from which one was first come to; itself for the first. */
  parentOf(state: number): number {
    return this.parents[state] as number;
  }

  moveTo(state: number): number {
    return this.moves[state] as number;
  }
}

/**
 * Every state of a search: 16 bytes for each, and an index by fingerprint that doubles when it is full, of 6 to 12
 * bytes more. States are numbered level by level, and within one by their fingerprints.
 */
export class Visited extends Lookup {
  size = 0;
  #shelves: Shelves;

  constructor() {
    const shelves = newShelves(FIRST_CAPACITY);
    super(shelves);
    this.#shelves = shelves;
  }

  get shelves(): Shelves {
    return this.#shelves;
  }

  get columns(): Columns {
    const { lo, hi, parents, moves } = this;
    return { lo, hi, parents, moves };
  }

  get bytes(): number {
    return this.#shelves.index.byteLength + COLUMNS * this.lo.byteLength;
  }

  /** Adds a state that is not there yet, and gives its number. */
  add(lo: number, hi: number, parent: number, move: number): number {
    if (this.size === this.lo.length) this.#growColumns();
    if ((this.size + 1) * 100 > this.index.length * FULL_PERCENT) this.#growIndex();
    const number = this.size++;
    this.lo[number] = lo;
    this.hi[number] = hi;
    this.parents[number] = parent;
    this.moves[number] = move;
    this.#enter(lo, number);
    return number;
  }

  /** Another way to a state that is there, instead of the one that it has. */
  reroute(state: number, parent: number, move: number): void {
    this.parents[state] = parent;
    this.moves[state] = move;
  }

  /**
   * Puts the states from one on in the order of their fingerprints, so that no number depends on who was first to
   * find it. Gives their new numbers.
   */
  sortFrom(first: number): Uint32Array {
    const { lo, hi, parents, moves, index, size } = this;
    const mask = index.length - 1;
    const order = new Uint32Array(size - first).map((_, at) => first + at);
    order.sort((a, b) => (lo[a] as number) - (lo[b] as number) || (hi[a] as number) - (hi[b] as number));
    const places = new Uint32Array(order.length);
    const renumbered = new Uint32Array(order.length);
    for (let to = 0; to < order.length; to++) {
      const number = order[to] as number;
      renumbered[number - first] = first + to;
      let at = (lo[number] as number) & mask;
      while (index[at] !== number + 1) at = (at + 1) & mask;
      places[to] = at;
    }
    for (const column of [lo, hi, parents, moves]) {
      const sorted = order.map((number) => column[number] as number);
      column.set(sorted, first);
    }
    for (let to = 0; to < places.length; to++) index[places[to] as number] = first + to + 1;
    return renumbered;
  }

  #enter(lo: number, number: number): void {
    const { index } = this;
    const mask = index.length - 1;
    let at = lo & mask;
    while (index[at] !== 0) at = (at + 1) & mask;
    index[at] = number + 1;
  }

  /** By a quarter: what is reserved and not used counts as bytes per state too. */
  #growColumns(): void {
    const capacity = Math.ceil(this.size * 1.25);
    const [lo, hi, parents, moves] = [this.lo, this.hi, this.parents, this.moves].map((column) => {
      const grown = new SharedArrayBuffer(capacity * 4);
      new Int32Array(grown).set(column);
      return grown;
    }) as [SharedArrayBuffer, SharedArrayBuffer, SharedArrayBuffer, SharedArrayBuffer];
    this.#use({ columns: [lo, hi, parents, moves], index: this.#shelves.index });
  }

  #growIndex(): void {
    const index = new SharedArrayBuffer(this.index.byteLength * 2);
    this.#use({ columns: this.#shelves.columns, index });
    for (let number = 0; number < this.size; number++) this.#enter(this.lo[number] as number, number);
  }

  #use(shelves: Shelves): void {
    this.#shelves = shelves;
    const [lo, hi, parents, moves] = shelves.columns;
    this.lo = new Int32Array(lo);
    this.hi = new Int32Array(hi);
    this.parents = new Uint32Array(parents);
    this.moves = new Uint32Array(moves);
    this.index = new Uint32Array(shelves.index);
  }
}

function newShelves(capacity: number): Shelves {
  const column = (): SharedArrayBuffer => new SharedArrayBuffer(capacity * 4);
  return {
    columns: [column(), column(), column(), column()],
    index: new SharedArrayBuffer(2 * capacity * 4),
  };
}
