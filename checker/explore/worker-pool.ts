import type { MonitorState } from '../monitor.ts';
import { Candidates } from './candidates.ts';
import type { Ended } from './ended.ts';
import type { Begun, Expanded, Expander, Sighting } from './expander.ts';
import { type Recipe, Remote } from './remote.ts';
import { Lookup, type Shelves } from './visited.ts';
import { WorkQueue, workQueueOf } from './work-queue.ts';

/** How long to go on, in milliseconds, before interrupts are let in and progress is shown. */
export const BREATH = 80;

/** States left to take up in a level from which on another worker is asked to help. */
const WIDE = 64;

/** What comes of a level for a worker that does not help with it. */
const NOTHING: Expanded = {
  candidates: new Candidates().list(),
  sightings: [],
  moves: 0,
  transitions: 0,
  returns: new Uint32Array(),
};

/** A level to be gone through. */
export interface LevelAsked {
  readonly shelves: Shelves;
  /** The number of its first state. */
  readonly first: number;
  /** Properties that are not looked at any more. */
  readonly violated: readonly string[];
  /** Asked now and then whether to give up, and why. */
  readonly stopped: () => Ended | null;
}

/**
 * The workers of a search: this thread, which begins at once, and others, which help as soon as they have loaded the
 * programme and a level is wide enough. Worlds never cross threads.
 */
export class WorkerPool {
  readonly #here: Expander;
  readonly #others: readonly Remote[];
  readonly #stop = new SharedArrayBuffer(4);
  /** By worker, this thread's first, the numbers of the open states whose worlds it has. */
  #open: readonly (readonly number[])[];
  /** Moves that each has made. */
  readonly shares: number[];

  /** `recipes`: one for each thread beside this one. */
  constructor(here: Expander, recipes: readonly Recipe[]) {
    this.#here = here;
    this.#others = recipes.map((recipe) => new Remote(recipe, this.#stop));
    this.#open = [[], ...recipes.map(() => [])];
    this.shares = this.#open.map(() => 0);
  }

  begin(): Begun {
    const begun = this.#here.begin();
    this.#open = [this.#here.open, ...this.#others.map(() => [])];
    return begun;
  }

  /** Takes up the states of a search from `first` on; false where they are none of its own. */
  reopen(shelves: Shelves, first: number, size: number): boolean {
    const isOwn = this.#here.reopen(new Lookup(shelves), first, size);
    this.#open = [this.#here.open, ...this.#others.map(() => [])];
    return isOwn;
  }

  /** Waits until all have loaded the programme. */
  async assembled(): Promise<void> {
    await Promise.all(this.#others.map(({ ready }) => ready));
  }

  /** Makes the moves of all open states: gives what each worker's came to. */
  async expand(asked: LevelAsked): Promise<readonly Expanded[] | Ended> {
    const memory = workQueueOf(this.#open);
    const queue = new WorkQueue(memory);
    const { shelves, first, violated } = asked;
    const results: Promise<Expanded | null>[] = this.#open.map(() => Promise.resolve(NOTHING));
    let isOpen = true;
    for (const [at, other] of this.#others.entries()) {
      const worker = at + 1;
      const help = (): void => {
        const has = (this.#open[worker] as readonly number[]).length;
        if (!isOpen || !other.isReady || (has === 0 && queue.left < WIDE)) return;
        const answer = other.ask('expand', { shelves, first, queue: memory, worker, violated });
        // Its error is looked at below, when this thread has done its own part.
        answer.catch(() => undefined);
        results[worker] = answer;
      };
      if (other.failure !== null) throw other.failure;
      if (other.isReady) help();
      else void other.ready.then(help);
    }
    let ended: Ended | null = null;
    const look = (): void => {
      ended ??= asked.stopped();
      if (ended !== null) Atomics.store(new Int32Array(this.#stop), 0, 1);
    };
    this.#here.forget(violated);
    const level = { visited: new Lookup(shelves), first, queue, worker: 0 };
    while (!this.#here.expand(level, BREATH)) {
      await new Promise((resolve) => setTimeout(resolve, 0));
      look();
      if (ended !== null) break;
    }
    isOpen = false;
    results[0] = Promise.resolve(this.#here.result());
    const timer = setInterval(look, BREATH);
    try {
      const all = await Promise.all(results);
      if (ended !== null) return ended;
      const expanded = all.filter((each) => each !== null);
      for (const [worker, { moves }] of expanded.entries())
        this.shares[worker] = (this.shares[worker] ?? 0) + moves;
      return expanded;
    } finally {
      clearInterval(timer);
    }
  }

  /** Tells everybody the numbers of their candidates, which are the next level. */
  async settle(numbers: readonly Int32Array[]): Promise<readonly Sighting[]> {
    this.#open = numbers.map((mine) => Array.from(mine).filter((number) => number >= 0));
    const others = this.#others.map((other, at) => {
      const mine = numbers[at + 1] as Int32Array;
      return other.isReady ? other.ask('settle', mine) : [];
    });
    const here = this.#here.settle(numbers[0] as Int32Array);
    return [here, ...(await Promise.all(others))].flat();
  }

  /** Looks at the goals that are the same everywhere in the states whose moves were not made. */
  async lookAtRest(violated: readonly string[]): Promise<readonly Sighting[]> {
    const others = this.#others.map((other) => (other.isReady ? other.ask('lookAtRest', violated) : []));
    this.#here.forget(violated);
    const here = this.#here.lookAtRest();
    return [here, ...(await Promise.all(others))].flat();
  }

  /** What was met with on the way, by worker. */
  async seen(): Promise<readonly MonitorState[]> {
    const others = this.#others.filter(({ isReady }) => isReady).map((other) => other.ask('seen', null));
    return [this.#here.seen(), ...(await Promise.all(others))];
  }

  async end(): Promise<void> {
    for (const other of this.#others) await other.end();
  }
}
