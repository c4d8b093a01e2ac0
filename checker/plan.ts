import type { Property } from '../properties/property.ts';
import type { Scope } from '../workload/scopes/scope.ts';
import type { Generate } from './random/engine.ts';
import type { Selection } from './record.ts';

/** What to check, and how much of it. */
export interface CheckPlan {
  readonly scopes: readonly Scope[];
  readonly properties: readonly Property[];
  readonly selection: Selection;
  readonly generate: Generate;
  readonly seed: number;
  /** Runs in all; the scopes take turns. */
  readonly runs: number;
  /** Commands in a run. */
  readonly steps: number;
  /** Milliseconds after which no further run is begun; null: all runs are done. */
  readonly timeLimit: number | null;
}

/** How far a check has come. */
export interface Progress {
  readonly runs: number;
  readonly plannedRuns: number;
  readonly steps: number;
  /** Properties violated so far. */
  readonly violated: number;
}

/** How a check is watched and ended. */
export interface Controls {
  /** Ends the check after the run at hand. */
  readonly signal?: AbortSignal;
  /** Called now and then while it goes on. */
  readonly onProgress?: (progress: Progress) => void;
}
