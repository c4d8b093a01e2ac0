import type { Ended } from './ended.ts';

/** What was seen of one scope. */
export interface ScopeReport {
  readonly scope: string;
  readonly ended: Ended;
  /** Nothing was left to see: what holds, holds in every state of the scope made finite. */
  readonly complete: boolean;
  readonly states: number;
  readonly unreducedStates: number;
  readonly moves: number;
  readonly transitions: number;
  readonly depth: number;
  readonly seconds: number;
  readonly bytesPerState: number;
  /** An upper bound of the chance that two different states were taken for one. */
  readonly collisions: number;
}
