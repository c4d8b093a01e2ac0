import type { StateProperty } from '../properties/property.ts';
import type { Held } from './compare.ts';

export interface LiveOptions extends Held {
  readonly seed: number;
  /** Milliseconds. */
  readonly time: number;
  /** Runs at most; null: as many as there is time for. */
  readonly runs: number | null;
  /** Calls in a run. */
  readonly steps: number;
  /** Properties that are looked at in the worlds that the target's answers lead to. */
  readonly promises: readonly StateProperty[];
}
