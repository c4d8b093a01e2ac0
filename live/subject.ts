import type { Draw } from '../workload/generator/choice.ts';
import type { Judged } from './judge.ts';
import type { LiveOptions } from './options.ts';
import type { LiveSequence } from './step.ts';
import type { Described, Ran, Target } from './target.ts';

/** What sequences are not to have any more. */
export interface Shunned {
  /** Commands that have each brought the target down. */
  readonly commands: ReadonlySet<string>;
  /** Kinds of what is left behind (`kindOfLeft`). */
  readonly left: ReadonlySet<string>;
}

/** What a search must know of what it searches: how sequences are made for it, and what a run of one shows. */
export interface Subject {
  /** Sequences that are sent together: the next ones are made while these are carried out. */
  readonly round: number;
  /** Candidates that are sent together when something is made small. */
  readonly together: number;
  /** Whether what has a name is made small on the model, since the target takes long, and only then run on it. */
  readonly smallOnModel: boolean;
  /** A sequence; with a `beginning`, one that goes on from there. */
  generate(shunned: Shunned, beginning: LiveSequence | null, draw: Draw): LiveSequence;
  /** Whether the target can be told to do it. */
  possible(sequence: LiveSequence): boolean;
  /** What is thought to stay on the target behind it, in words; null: nothing. */
  leavesBehind(sequence: LiveSequence): string | null;
  /** Whether another sequence can go on from it. */
  continues(sequence: LiveSequence): boolean;
  judge(ran: Ran): Judged;
  /** A target that answers as this one is thought to. */
  model(): Target;
}

/** Makes the subject of a target that has said what it is. */
export type SubjectOf = (described: Described, options: LiveOptions) => Subject;
