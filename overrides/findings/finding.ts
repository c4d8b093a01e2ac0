/** How bad it is where it can be met. */
export type Severity = 1 | 2 | 3;

/** What the numbers mean, as the page says it. */
export const SEVERITIES: Readonly<Record<Severity, string>> = {
  1: 'one guest or process reaches what is not its own, uses a translation that was taken away, or takes something that is never given back',
  2: 'a guest or a user sees something else than was promised',
  3: 'a corner: it takes arguments or states that no known user has',
};

/** How something is known: seen with its consequence, seen in an answer, or read in a source. */
export type Known = 'run' | 'recorded' | 'read';

export const KNOWN: Readonly<Record<Known, string>> = {
  run: 'made to happen on the real system, with its consequence (a DMA, a leak) in the recording',
  recorded: 'the real system gave the answer; a recording has it',
  read: 'read in the source, not run',
};

/** What is known of a deviation beside what the override says. */
export interface Finding {
  /** Name of the override that is it in the model, or that will be. */
  readonly name: string;
  /** As the notes and recordings call it: `F-6`. */
  readonly label?: string;
  readonly severity: Severity;
  readonly known: Known;
  /** What is known of it upstream; left out: nothing is, no report or fix was found. */
  readonly upstream?: string;
  /** A command that shows it where no trace does, or beside one. */
  readonly reproducer?: string;
  /** One sentence and where it was read: only where the model has no override for it. `system`: its design, or else its name. */
  readonly unmodelled?: { readonly system: string; readonly summary: string; readonly source: string };
}
