/** A question on which a thread's participants differed, or which they left open, and what became of it. */
export interface DecisionRecord {
  /** `D-1` */
  readonly id: string;
  readonly question: string;
  /** The answers that were considered, the one that was claimed or proposed first. */
  readonly alternatives: readonly string[];
  readonly source: DecisionSource;
  /** Ids of the properties that decide between the alternatives; none where it is a matter of taste or advice. */
  readonly properties: readonly string[];
  /** Designs (`vsmmu=inherit`) that stand for alternatives. */
  readonly designs: readonly string[];
  /** What Linux 7.2 and QEMU 11 have. */
  readonly built: string;
}

/** The message in which it came up. */
export interface DecisionSource {
  /** File of the thread, as it is called in the collection of seed threads. */
  readonly seed: string;
  readonly author: string;
  /** As the message says it. */
  readonly date: string;
}
