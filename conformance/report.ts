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
  /** The machine that the answers fit. */
  readonly machine: string;
}

export interface Disagreement {
  /** Line of the recording, or number of the configuration among the vectors, from 1. */
  readonly line: number;
  /** What was asked, in one line. */
  readonly event: string;
  readonly expected: Readonly<Record<string, string | number>>;
  readonly model: Readonly<Record<string, string | number>>;
}
