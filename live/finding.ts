import type { LiveSequence } from './step.ts';
import type { Ran } from './target.ts';

/**
 * - `difference`: an answer that the model does not give, and no named deviation explains;
 * - `deviation`: one that a named deviation explains;
 * - `console`: the kernel complained;
 * - `hang`: a call did not return;
 * - `leak`: something was still open when everything was closed;
 * - `lost`: the target stopped to answer;
 * - `promise`: a property does not hold in a world that the target's answers led to.
 */
export type FindingKind = 'difference' | 'deviation' | 'console' | 'hang' | 'leak' | 'lost' | 'promise';

export interface Chance {
  readonly shown: number;
  readonly of: number;
}

/** One thing that was found, however often. */
export interface Finding {
  readonly is: FindingKind;
  /** Equal for findings of one kind; what findings are told apart by. */
  readonly kind: string;
  /** Name of the deviation or property; null for others. */
  readonly name: string | null;
  /** The command at which it showed. */
  readonly command: string;
  readonly real: string;
  readonly model: string;
  /** The smallest sequence that shows it. */
  readonly sequence: LiveSequence;
  /** How the target answered it. */
  readonly ran: Ran | null;
  /** Whether nothing can be left out of the sequence or made simpler. */
  readonly minimal: boolean;
  /** Whether it showed again when the sequence was run again. */
  readonly steady: boolean;
  /** Of a race: in how many of so many runs it shows. */
  readonly chance?: Chance;
  /** Of a race: its steps in the order that explains the most answers, up to the one that nothing explains. */
  readonly order?: readonly number[];
  /** What the kernel said meanwhile. */
  readonly console: string;
  /** Number of the run in which it was first seen, from 0. */
  readonly run: number;
  /** Runs in which it was seen. */
  readonly count: number;
}

/** Whether a finding is the target's fault or the model's, and not yet known. */
export function isUnnamed({ is }: Finding): boolean {
  return is !== 'deviation' && is !== 'promise';
}
