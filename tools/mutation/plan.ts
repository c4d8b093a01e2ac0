/** One run of a check: the how manyth of its scope. */
export type PlannedRun = readonly [scope: string, nth: number];

/** The runs of a check under a design. */
export interface DesignRuns {
  readonly runs: readonly PlannedRun[];
  /** Properties that one of these runs violates without a mutant: the design is known for it. */
  readonly violated: readonly string[];
}

/** A recording, or vectors, under a design. */
export interface Replayed {
  readonly file: string;
  /** Which of its altered copies; null: as it was recorded. */
  readonly copy: number | null;
  readonly design: string;
  /** Of the report without a mutant. */
  readonly digest: string;
  /** Milliseconds of work that it takes. */
  readonly takes: number;
}

/** What there is to try a mutant with, and what of it gets to which mutant (by its number). */
export interface Reach {
  /** Properties that judged recordings, by id: those that came later have no part in the digests. */
  readonly properties: readonly string[];
  /** By design; the intended one is `''`. */
  readonly designs: Readonly<Record<string, DesignRuns>>;
  /** The runs of the intended design, by number, that reach the witness of a property, or in which a command is not refused. */
  readonly seen: Readonly<Record<string, readonly number[]>>;
  readonly replayed: readonly Replayed[];
  readonly counterexamples: readonly string[];
  readonly mutants: Readonly<Record<string, Reaching>>;
  /** What runs as the modules are loaded. */
  readonly loaded: readonly string[];
}

/** What gets to a mutant, by numbers in the lists above. */
export interface Reaching {
  readonly designs: Readonly<Record<string, readonly number[]>>;
  readonly replayed: readonly number[];
  readonly counterexamples: readonly number[];
}

/** What a mutant is tried with. */
export interface Spec {
  readonly root: string;
  /** @see Reach.properties */
  readonly properties: readonly string[];
  readonly designs: Readonly<Record<string, DesignRuns>>;
  /** What only runs saw that get to the mutant, and these runs. */
  readonly seen: Readonly<Record<string, readonly PlannedRun[]>>;
  readonly replayed: readonly Replayed[];
  readonly counterexamples: readonly string[];
}

/** Who kills it. What is said last before a process dies is who killed it. */
export type Said =
  | { readonly stage: 'runs'; readonly design: string }
  | { readonly stage: 'seen' | 'recording' | 'counterexample'; readonly name: string }
  | { readonly stage: 'end' };

/** The name of a replay in the data. */
export function replayName({ file, copy, design }: Pick<Replayed, 'file' | 'copy' | 'design'>): string {
  return `${file} (${[...(copy === null ? [] : [`altered copy ${copy}`]), design].filter(Boolean).join('; ') || 'intended'})`;
}
