/** A question on which a thread's participants differed, or which they left open, and what became of it. */
export interface DecisionRecord {
  /** `D-1` */
  readonly id: string;
  readonly question: string;
  /** The answers that were considered, the one that was claimed or proposed first. */
  readonly alternatives: readonly Alternative[];
  readonly source: DecisionSource;
  /** Further messages on it, in the order in which they were sent. */
  readonly replies?: readonly DecisionSource[];
  /** Ids of the properties that decide between the alternatives; none where it is a matter of taste or advice. */
  readonly properties: readonly string[];
  /** Designs (`vsmmu=inherit`) to look at; none: the intended one. */
  readonly designs: readonly string[];
  /** What Linux 7.2 and QEMU 11 have. */
  readonly built: string;
  /** What the evidence says of the question, in a sentence or two, where the table does not say it by itself. */
  readonly finding?: string;
}

/** An answer that was considered; with the design that stands for it, where there is one. */
export type Alternative = string | { readonly answer: string; readonly design: string };

/** The message in which it came up. */
export interface DecisionSource {
  /** File of the thread, as it is called in the collection of seed threads. */
  readonly seed: string;
  readonly author: string;
  /**
   * As the message says it; where the collection has no date of a message, that of the message which quotes it or
   * which it answers.
   */
  readonly date: string;
  /** The message's own words. Left out where it only implies the claim. */
  readonly says?: string;
}

/** Questions that are decided by the same properties on the same platforms: they share a page with one matrix. */
export interface Topic {
  /** kebab-case: names the page. */
  readonly name: string;
  readonly title: string;
  readonly records: readonly DecisionRecord[];
  /** Scopes on which the designs are checked; left out: all. */
  readonly scopes?: readonly string[];
  /** Random runs for each design. */
  readonly runs: number;
  /** What the matrix says of each design, in Markdown, where it takes more than a table. */
  readonly compared?: string;
}
