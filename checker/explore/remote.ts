import { once } from 'node:events';
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import type { MonitorState } from '../monitor.ts';
import { thrownText } from '../outside/text.ts';
import type { ScopeOrder } from '../platform/select.ts';
import type { Selection } from '../record.ts';
import { isModulePath } from '../select/module-path.ts';
import { UsageError } from '../select/usage-error.ts';
import type { Expanded, Sighting } from './expander.ts';
import type { Shelves } from './visited.ts';
import type { WorkQueueMemory } from './work-queue.ts';

/** What a worker makes its rules, its states and its properties from: rules are functions, and do not cross threads. */
export interface Recipe {
  /** What `explorationFor` is asked. */
  readonly scope: ScopeOrder;
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

/** A level as a worker is told of it. */
export interface LevelMemory {
  readonly shelves: Shelves;
  readonly first: number;
  readonly queue: WorkQueueMemory;
  readonly worker: number;
  /** Properties that are not looked at any more. */
  readonly violated: readonly string[];
}

/** What a worker can be asked, and what it answers: methods of `Expander`. */
export interface Questions {
  expand: { readonly ask: LevelMemory; readonly answer: Expanded | null };
  settle: { readonly ask: Int32Array; readonly answer: readonly Sighting[] };
  lookAtRest: { readonly ask: readonly string[]; readonly answer: readonly Sighting[] };
  seen: { readonly ask: null; readonly answer: MonitorState };
}

/** Threads run what is built. */
const ENTRY = createRequire(import.meta.url).resolve('#explore-worker');

/** Almost every world is dropped at once. Room for more of them means that fewer are moved about before they are. */
const YOUNG_MEGABYTES = 192;

/** A worker in a thread of its own. It says when it has loaded the programme, and then answers one question after the other. */
export class Remote {
  /** Resolved with true when it has loaded the programme; with false where that fails. */
  readonly ready: Promise<boolean>;
  isReady = false;
  /** Why it could not load the programme. */
  failure: unknown = null;
  readonly #worker: Worker;
  readonly #hasModules: boolean;
  /** Rejects when the thread ends. */
  readonly #ended: Promise<never>;

  constructor(recipe: Recipe, stop: SharedArrayBuffer) {
    const workerData: WorkerStart = { recipe, stop };
    this.#hasModules = Object.keys(recipe.selection.design).some(isModulePath);
    this.#worker = new Worker(ENTRY, {
      workerData,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MEGABYTES },
    });
    // A thread that ends unasked would leave every question without an answer.
    this.#ended = new Promise((_, reject) => {
      this.#worker.once('exit', () => reject(new UsageError('a thread was ended by a module of a design')));
    });
    this.#ended.catch(() => undefined);
    this.ready = Promise.race([once(this.#worker, 'message'), this.#ended]).then(
      () => {
        this.isReady = true;
        return true;
      },
      (failure: unknown) => {
        this.failure = failure;
        return false;
      },
    );
  }

  async ask<Q extends keyof Questions>(
    question: Q,
    ask: Questions[Q]['ask'],
  ): Promise<Questions[Q]['answer']> {
    const answered = once(this.#worker, 'message');
    this.#worker.postMessage({ question, ask });
    // An error of the worker rejects what `once` promises.
    try {
      const [answer] = (await Promise.race([answered, this.#ended])) as [Questions[Q]['answer']];
      return answer;
    } catch (error) {
      throw this.#blamed(error);
    }
  }

  /** Errors lose their class between threads: what a module of the user's threw is not taken for our own. */
  #blamed(error: unknown): unknown {
    const isOurs = (error as NodeJS.ErrnoException).code !== undefined || !this.#hasModules;
    return isOurs ? error : new UsageError(thrownText(error));
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }
}
