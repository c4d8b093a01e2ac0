import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { MonitorState } from '../monitor.ts';
import type { Selection } from '../record.ts';
import type { Begun, Expanded, Sighting } from './expander.ts';
import { BREATH, type Ended, type Part, type Reopening } from './part.ts';
import type { Shelves } from './visited.ts';

/** What a worker makes its rules, its states and its properties from: rules are functions, and do not cross threads. */
export interface Recipe {
  /** The name of an exploration (`explorationByName`). */
  readonly exploration: string;
  readonly selection: Pick<Selection, 'design' | 'defects'>;
  /** Ids. */
  readonly properties: readonly string[];
  readonly symmetry: boolean;
}

/** What a worker is started with: `stop` is set to 1 to make it give up. */
export interface WorkerStart {
  readonly recipe: Recipe;
  readonly stop: SharedArrayBuffer;
}

/** What a worker can be asked, and what it answers: the methods of `Part`. */
export interface Questions {
  begin: { readonly ask: null; readonly answer: Begun };
  reopen: { readonly ask: Reopening; readonly answer: boolean };
  expand: {
    readonly ask: { readonly shelves: Shelves; readonly level: number };
    readonly answer: Expanded | null;
  };
  lookAtRest: { readonly ask: null; readonly answer: readonly Sighting[] };
  settle: { readonly ask: Int32Array; readonly answer: readonly Sighting[] };
  forget: { readonly ask: readonly string[]; readonly answer: null };
  split: { readonly ask: { readonly worker: number; readonly workers: number }; readonly answer: null };
  seen: { readonly ask: null; readonly answer: MonitorState };
}

/** Threads run what is built: where this runs from its sources, what was built from them. */
const ENTRY = new URL(
  import.meta.url.endsWith('.ts') ? '../../dist/checker/explore/worker.js' : './worker.js',
  import.meta.url,
);

/** Almost every world is dropped at once. Room for more of them means that fewer are moved about before they are. */
const YOUNG_MEGABYTES = 192;

/** A worker in a thread of its own. It answers one question after the other. */
export class RemotePart implements Part {
  readonly #worker: Worker;
  readonly #stop: Int32Array;

  constructor(recipe: Recipe) {
    const stop = new SharedArrayBuffer(4);
    this.#stop = new Int32Array(stop);
    const workerData: WorkerStart = { recipe, stop };
    this.#worker = new Worker(ENTRY, {
      workerData,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MEGABYTES },
    });
  }

  begin(): Promise<Begun> {
    return this.#ask('begin', null);
  }

  reopen(at: Reopening): Promise<boolean> {
    return this.#ask('reopen', at);
  }

  async expand(shelves: Shelves, level: number, stopped: () => Ended | null): Promise<Expanded | Ended> {
    let ended: Ended | null = null;
    const timer = setInterval(() => {
      ended ??= stopped();
      if (ended !== null) Atomics.store(this.#stop, 0, 1);
    }, BREATH);
    try {
      const expanded = await this.#ask('expand', { shelves, level });
      return ended ?? expanded ?? 'interrupt';
    } finally {
      clearInterval(timer);
    }
  }

  lookAtRest(): Promise<readonly Sighting[]> {
    return this.#ask('lookAtRest', null);
  }

  settle(numbers: Int32Array): Promise<readonly Sighting[]> {
    return this.#ask('settle', numbers);
  }

  async forget(properties: readonly string[]): Promise<void> {
    await this.#ask('forget', properties);
  }

  async split(worker: number, workers: number): Promise<void> {
    await this.#ask('split', { worker, workers });
  }

  seen(): Promise<MonitorState> {
    return this.#ask('seen', null);
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  async #ask<Q extends keyof Questions>(
    question: Q,
    ask: Questions[Q]['ask'],
  ): Promise<Questions[Q]['answer']> {
    const answered = once(this.#worker, 'message');
    this.#worker.postMessage({ question, ask });
    // An error of the worker rejects what `once` promises.
    const [answer] = (await answered) as [Questions[Q]['answer']];
    return answer;
  }
}
