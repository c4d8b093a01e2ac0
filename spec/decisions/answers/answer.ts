/** What a check said of a design: the selector (empty: the intended design), the property, and the verdict. */
export type Shown = readonly [design: string, property: string, verdict: 'holds' | 'violated'];

/** What came out of a question, for its page's first line. */
export interface Answer {
  /** One line: who was right, and in what sense. */
  readonly answer: string;
  /** What it rests on; the page cannot be made where checks say otherwise. */
  readonly shows?: readonly Shown[];
  /** A way of the derived table that it rests on, such as `smmuv3/mdev/translation`. */
  readonly cells?: readonly string[];
  /** For each alternative, in their order: its verdict, or why the model has no verdict on it. */
  readonly verdicts: readonly string[];
}
