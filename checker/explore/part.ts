import type { MonitorState } from '../monitor.ts';
import type { Begun, Expanded, Expander, Sighting } from './expander.ts';
import { Lookup, type Shelves } from './visited.ts';

/** Why a search ended. `exhausted`: there is nothing that it has not seen. */
export type Ended = 'exhausted' | 'depth' | 'states' | 'time' | 'interrupt';

/** Where a saved search is taken up. */
export interface Reopening {
  readonly shelves: Shelves;
  readonly first: number;
  readonly size: number;
}

/** One worker of a search, here or in a thread of its own. */
export interface Part {
  begin(): Promise<Begun>;
  /** Takes up the states of a search from `first` on; false where they are none of its own. */
  reopen(at: Reopening): Promise<boolean>;
  /** Makes the moves of its states; `stopped` is asked now and then whether to give up, and why. */
  expand(shelves: Shelves, level: number, stopped: () => Ended | null): Promise<Expanded | Ended>;
  /** Looks at the goals that are the same everywhere in the states whose moves were not made. */
  lookAtRest(): Promise<readonly Sighting[]>;
  /** Learns the numbers of its candidates. */
  settle(numbers: Int32Array): Promise<readonly Sighting[]>;
  /** Looks no more at properties that were violated. */
  forget(properties: readonly string[]): Promise<void>;
  /** Keeps its share of the states that all workers have had so far. */
  split(worker: number, workers: number): Promise<void>;
  /** What its monitor has seen. */
  seen(): Promise<MonitorState>;
  end(): Promise<void>;
}

/** How long to go on, in milliseconds, before interrupts are let in and progress is shown. */
export const BREATH = 80;

/** The only worker: in this thread. */
export class LocalPart implements Part {
  readonly #expander: Expander;

  constructor(expander: Expander) {
    this.#expander = expander;
  }

  async begin(): Promise<Begun> {
    return this.#expander.begin();
  }

  async reopen({ shelves, first, size }: Reopening): Promise<boolean> {
    return this.#expander.reopen(new Lookup(shelves), first, size);
  }

  async expand(shelves: Shelves, level: number, stopped: () => Ended | null): Promise<Expanded | Ended> {
    const lookup = new Lookup(shelves);
    while (!this.#expander.expand(lookup, level, BREATH)) {
      await new Promise((resolve) => setTimeout(resolve, 0));
      const ended = stopped();
      if (ended !== null) return ended;
    }
    return this.#expander.result();
  }

  async lookAtRest(): Promise<readonly Sighting[]> {
    return this.#expander.lookAtRest();
  }

  async settle(numbers: Int32Array): Promise<readonly Sighting[]> {
    return this.#expander.settle(numbers);
  }

  async forget(properties: readonly string[]): Promise<void> {
    this.#expander.forget(properties);
  }

  async split(worker: number, workers: number): Promise<void> {
    this.#expander.split(worker, workers);
  }

  async seen(): Promise<MonitorState> {
    return this.#expander.seen();
  }

  async end(): Promise<void> {}
}
