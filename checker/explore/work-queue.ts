/** States that are taken up at a time: few enough that no worker waits long for another at the end of a level. */
const BATCH = 16;

/** A queue as threads share it. */
export interface WorkQueueMemory {
  /** By worker, how many of its open states are taken up. */
  readonly taken: SharedArrayBuffer;
  /** By worker, the numbers of the open states whose worlds it has. */
  readonly lists: readonly SharedArrayBuffer[];
}

/** Some of a worker's open states, for one to take up: those of its list from `start` to before `end`. */
export interface Batch {
  readonly worker: number;
  readonly start: number;
  readonly end: number;
}

export function workQueueOf(lists: readonly (readonly number[])[]): WorkQueueMemory {
  return {
    taken: new SharedArrayBuffer(4 * lists.length),
    lists: lists.map((list) => {
      const shared = new SharedArrayBuffer(4 * list.length);
      new Uint32Array(shared).set(list);
      return shared;
    }),
  };
}

/** Who makes the moves of which states of a level: each worker those that it has, and then those that others have. */
export class WorkQueue {
  readonly lists: readonly Uint32Array[];
  readonly #taken: Int32Array;

  constructor({ taken, lists }: WorkQueueMemory) {
    this.#taken = new Int32Array(taken);
    this.lists = lists.map((list) => new Uint32Array(list));
  }

  /** A batch of the worker's own states; with none left, of those of whoever has the most; null: all are taken up. */
  take(worker: number): Batch | null {
    for (let from = worker; from >= 0; from = this.#richest()) {
      const { length } = this.lists[from] as Uint32Array;
      if (this.#left(from) === 0) continue;
      const start = Atomics.add(this.#taken, from, BATCH);
      if (start < length) return { worker: from, start, end: Math.min(start + BATCH, length) };
    }
    return null;
  }

  /** States that nobody has taken up. */
  get left(): number {
    let left = 0;
    for (let worker = 0; worker < this.lists.length; worker++) left += this.#left(worker);
    return left;
  }

  #left(worker: number): number {
    const { length } = this.lists[worker] as Uint32Array;
    return Math.max(0, length - Atomics.load(this.#taken, worker));
  }

  /** Who has the most states that nobody has taken up; -1: nobody has any. */
  #richest(): number {
    let richest = -1;
    let most = 0;
    for (let worker = 0; worker < this.lists.length; worker++) {
      const left = this.#left(worker);
      if (left <= most) continue;
      richest = worker;
      most = left;
    }
    return richest;
  }
}
