import type { Call } from '../../model/call.ts';
import type { Result } from '../../model/world/result.ts';
import type { PlatformChanges } from '../../workload/scopes/platform-changes.ts';

/** The version of the file format; a reader refuses every other. */
export const TRACE_FORMAT = 'nestcheck-trace/1';

/**
 * What is known of a counterexample's size. `1-minimal`: no single call can be left out and no argument made
 * simpler. `shortest`: moreover an exhaustive search has shown that no sequence of fewer commands of an alphabet shows
 * it: for a difference, of what `diff` tries; for a violation, of what `bound` says (`Bound`), and where there is none, of
 * what `explore` tries on the scope. It says nothing of commands outside of that.
 */
export const GUARANTEES = ['1-minimal', 'shortest'] as const;

/**
 * How far exhaustive search has looked for a shorter trace: no sequence of up to `depth` commands of the alphabet
 * violates the property. `explored`: of the commands that `explore` tries on the scope, and those of the trace; `own`: of
 * the commands of the trace alone, with any objects in the place of its own, and no more of them at a time.
 */
export interface Bound {
  readonly depth: number;
  readonly alphabet: (typeof BOUND_ALPHABETS)[number];
}

/** @see Bound */
export const BOUND_ALPHABETS = ['explored', 'own'] as const;

/** @see GUARANTEES */
export type Guarantee = (typeof GUARANTEES)[number];

/** A call, and how the model answered when the trace was recorded. */
export interface TraceStep extends Call {
  readonly result: Result;
}

/** A sequence of calls on the platform of a scope, and what it shows: the commands themselves, no seed. */
export interface Trace {
  readonly format: typeof TRACE_FORMAT;
  /** Name of the scope. */
  readonly scope: string;
  /** What is changed of that scope's platform; left out: nothing. */
  readonly platform?: PlatformChanges;
  /** Every design axis with its value; a user's own module under its path, with the names of its overrides. */
  readonly design: Readonly<Record<string, string>>;
  /** Names of the defects that were switched on. */
  readonly defects: readonly string[];
  /** Id of the property that the last step violates; null: the trace violates none. */
  readonly property: string | null;
  readonly guarantee: Guarantee | null;
  /** Left out where no search has looked. */
  readonly bound?: Bound;
  readonly steps: readonly TraceStep[];
  /** What the property said of it; null exactly where `property` is. */
  readonly violation: string | null;
}
