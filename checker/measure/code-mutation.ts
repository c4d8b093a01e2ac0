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
  /** Whether a run of a check, or the replay of a recording, gets there. */
  reached: z.object({ byRuns: z.boolean(), byRecordings: z.boolean() }),
  /** The property that a check violates first; `step` where one throws or does not return. Null: none. */
  killedBy: z.string().nullable(),
  /** Where no property is violated: the first recording that the model does not agree with any more. */
  recording: z.string().nullable(),
});

export type Trial = z.infer<typeof trial>;

export const codeMutation = z.object({
  seed: z.number().int(),
  /** Of a check, over all scopes. */
  runs: z.number().int(),
  /** Mutants that there are, by folder, and how many of them were drawn. */
  folders: z.record(z.string(), z.object({ of: z.number().int(), drawn: z.number().int() })),
  trials: z.array(trial),
});

export type CodeMutation = z.infer<typeof codeMutation>;

/** Two levels of `model/`, whose machines have a room each; one of the others. */
export function folderOf(file: string): string {
  const parts = file.split('/').slice(0, -1);
  return parts.slice(0, parts[0] === 'model' ? 2 : 1).join('/');
}
