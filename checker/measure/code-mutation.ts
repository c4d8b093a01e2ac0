import { z } from 'zod';

/** A place of the source text with other code in it. */
export const mutant = z.object({
  /** As the instrumented code knows it. */
  id: z.string(),
  file: z.string(),
  /** From 1. */
  line: z.number().int(),
  /** Of StrykerJS, such as `ConditionalExpression`. */
  mutator: z.string(),
  original: z.string(),
  replacement: z.string(),
});

export type Mutant = z.infer<typeof mutant>;

/** What became of one. */
export const trial = mutant.omit({ id: true }).extend({
  /** What gets there: runs of a check; those under another design than the intended one; replays of recordings; counterexamples. */
  reached: z.object({
    byRuns: z.boolean(),
    byDesigns: z.boolean(),
    byRecordings: z.boolean(),
    byCounterexamples: z.boolean(),
  }),
  /** The property that a check violates first; `step` where one does not return. Null: none. */
  killedBy: z.string().nullable(),
  /** The design that it is violated under, where that is not the intended one. */
  under: z.string().nullable(),
  /**
   * Where no property is violated: a property, or an outcome of a command, of which a check has a witness, and none of the runs that had one
   * has it any more.
   */
  unseen: z.string().nullable(),
  /** Where all is seen: the first recording, and design, of which `conform` reports something else. */
  recording: z.string().nullable(),
  /** Where none is, either: the first committed counterexample that is not replayed any more. */
  counterexample: z.string().nullable(),
});

export type Trial = z.infer<typeof trial>;

export const codeMutation = z.object({
  seed: z.number().int(),
  /** Of a check, over all scopes. */
  runs: z.number().int(),
  /** Of a check under each other design. */
  otherRuns: z.number().int(),
  /**
   * A mutant is tried in so many of the runs that get to it, in so many under each other design, with recordings that take so many
   * milliseconds together, and with so many counterexamples.
   */
  most: z.object({
    runs: z.number().int(),
    otherRuns: z.number().int(),
    replays: z.number().int(),
    counterexamples: z.number().int(),
  }),
  /** Mutants that there are, by folder, and how many of them were drawn. */
  folders: z.record(z.string(), z.object({ of: z.number().int(), drawn: z.number().int() })),
  /** Digests of the source texts that mutants were tried in. */
  texts: z.record(z.string(), z.string()),
  trials: z.array(trial),
});

export type CodeMutation = z.infer<typeof codeMutation>;

export function isKilled({ killedBy, unseen, recording, counterexample }: Trial): boolean {
  return killedBy !== null || unseen !== null || recording !== null || counterexample !== null;
}

/** Two levels of `model/`, whose machines have a room each; one of the others. */
export function folderOf(file: string): string {
  const parts = file.split('/').slice(0, -1);
  return parts.slice(0, parts[0] === 'model' ? 2 : 1).join('/');
}
