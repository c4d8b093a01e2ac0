/** How one file of recorded answers compares with the model. */
export interface FileReport {
  readonly file: string;
  /** Lines (or accesses) in the file. */
  readonly events: number;
  /** Answers compared. */
  readonly checked: number;
  readonly agreed: number;
  /** Lines that carry no answer or whose answer is not modelled, by reason. */
  readonly skipped: Readonly<Record<string, number>>;
  /** Disagreements that a named deviation of the real system explains. */
  readonly deviations: Readonly<Record<string, number>>;
  /** The first disagreement that nothing explains. */
  readonly first: Disagreement | null;
  /** All that nothing explains, by kind. */
  readonly disagreements: Disagreements;
  /** The machine that the answers fit. */
  readonly machine: string;
  /** `uname -r`, where the recording says it. */
  readonly kernel?: string;
  /** How many outcomes the model permitted to each DMA; left out where there was none. */
  readonly permitted?: PermittedOutcomes;
}

/** Numbers of permitted outcomes over all DMAs of a file. One each: the model knows what the caches hold. */
export interface PermittedOutcomes {
  readonly accesses: number;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
}

/** A place where the recording and the model part. */
export interface Disagreement {
  /** Line of the recording, or number of the configuration among the vectors, from 1. */
  readonly line: number;
  /** What was asked, in one line. */
  readonly event: string;
  readonly expected: Readonly<Record<string, string | number>>;
  readonly model: Readonly<Record<string, string | number>>;
}

/** The disagreements of a file, in kinds. */
export interface Disagreements {
  readonly total: number;
  /** Kinds that are not among `kinds`, because there are too many. */
  readonly moreKinds: number;
  /** Those that begin most sections first: what follows in a section may be a consequence of its first disagreement. */
  readonly kinds: readonly DisagreementKind[];
}

export interface DisagreementKind {
  /** What was asked, and in what the answers differ. */
  readonly kind: string;
  readonly count: number;
  /** Sections of the recording in which it is the first disagreement. */
  readonly sections: number;
  readonly examples: readonly Difference[];
}

/** One disagreement, in fields of its struct and errors by name: only what differs. */
export interface Difference extends Disagreement {
  readonly section: string;
}

export const NO_DISAGREEMENTS: Disagreements = Object.freeze({
  total: 0,
  moreKinds: 0,
  kinds: Object.freeze([]),
});
