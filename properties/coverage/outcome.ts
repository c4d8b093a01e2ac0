import type { Result } from '../../model/world/result.ts';
import type { Errno } from '../../spec/errno.ts';
import type { UapiName } from '../generator/move.ts';

/** How a command can end: well, or with an errno. */
export type Outcome = 'ok' | Errno;

/** The outcomes that a command has, each with why and where it comes from. */
export type Outcomes = Readonly<Partial<Record<Outcome, string>>>;

/** The outcomes of some commands. */
export type OutcomeTable<N extends UapiName> = { readonly [K in N]: Outcomes };

export function outcomeOf(result: Result): Outcome {
  return result.ok ? 'ok' : result.errno;
}
