import type { CommandName } from '../../model/world/command.ts';
import type { Result } from '../../model/world/result.ts';
import type { Errno } from '../../spec/errno.ts';

/** How a command can end: well, or with an errno. */
export type Outcome = 'ok' | Errno;

/** The outcomes that a command has, each with why and where it comes from. */
export type Outcomes = Readonly<Partial<Record<Outcome, string>>>;

/** The outcomes of some commands. */
export type OutcomeTable<N extends CommandName> = { readonly [K in N]: Outcomes };

export function outcomeOf(result: Result): Outcome {
  return result.ok ? 'ok' : result.errno;
}
