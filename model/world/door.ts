import { ACTOR_EXPECTATION, isActor } from '../../spec/command/actor.ts';
import { type Argument, defaultOf } from '../../spec/command/argument.ts';
import { expectation, fits } from '../../spec/command/fits.ts';
import { COMMANDS, type Command, type CommandArgs, type CommandName, isCommandName } from './command.ts';

/*
 * The door. What comes from outside (traces, recordings, generators, programs that use the library) is checked here,
 * once, against the command's declaration; behind it every integer is in its range and nothing is missing, and no
 * machine looks at that again.
 */

/** A command that is none, and what was expected. */
export class CommandError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'CommandError';
  }
}

/** An argument of a command by its name. */
export interface Declared {
  readonly name: string;
  readonly argument: Argument;
  /** Its value where it is left out. */
  readonly standard: ReturnType<typeof defaultOf>;
}

/** What each command takes, as lists. */
export const DECLARED = Object.fromEntries(
  Object.entries(COMMANDS).map(([name, { args }]) => [
    name,
    Object.entries(args).map(
      ([arg, argument]): Declared => ({ name: arg, argument, standard: defaultOf(argument) }),
    ),
  ]),
) as unknown as { readonly [N in CommandName]: readonly Declared[] };

/** What is wrong with the arguments of a command; null: each is there and in its range. */
function complaintOfArgs(command: CommandName, args: Readonly<Record<string, unknown>>): string | null {
  const list = DECLARED[command];
  for (let at = 0; at < list.length; at++) {
    const { name, argument } = list[at] as Declared;
    if (!fits(argument, args[name])) return `${command}: ${name}: expected ${expectation(argument)}`;
  }
  return null;
}

/** The actor is the text that was looked at last, mostly. */
let lastActor = 'host';

export function isKnownActor(actor: unknown): actor is string {
  if (actor === lastActor) return true;
  if (!isActor(actor)) return false;
  lastActor = actor;
  return true;
}

/** What is wrong with something that should be a complete command; null: nothing. */
export function complaintOf(given: unknown): string | null {
  if (typeof given !== 'object' || given === null) return 'expected a command';
  const { actor, command, args } = given as Readonly<Record<string, unknown>>;
  if (typeof command !== 'string' || !isCommandName(command)) return 'expected the name of a command';
  if (!isKnownActor(actor)) return `${command}: actor: expected ${ACTOR_EXPECTATION}`;
  if (typeof args !== 'object' || args === null) return `${command}: expected arguments`;
  const complaint = complaintOfArgs(command, args as Readonly<Record<string, unknown>>);
  if (complaint !== null) return complaint;
  const declared = DECLARED[command];
  if (Object.keys(args).length !== declared.length) {
    const known = declared.map(({ name }) => name).join(', ') || 'no arguments';
    return `${command}: expected no arguments but ${known}`;
  }
  return null;
}

/**
 * The same command, which has been looked at.
 * @throws CommandError where an argument is missing or out of its range, or the actor is none.
 */
export function admitted(command: Command): Command {
  const complaint = complaintOf(command);
  if (complaint !== null) throw new CommandError(complaint);
  return command;
}

/** What the arguments of a command are when all are left out. */
export const DEFAULT_ARGS = Object.fromEntries(
  Object.entries(COMMANDS).map(([name, { args }]) => [
    name,
    Object.freeze(Object.fromEntries(Object.entries(args).map(([arg, each]) => [arg, defaultOf(each)]))),
  ]),
) as unknown as { readonly [N in CommandName]: CommandArgs[N] };

/** The arguments of a command with those that are left out at their defaults. */
export function completeArgs<N extends CommandName>(
  command: N,
  given: Partial<CommandArgs[N]>,
): CommandArgs[N] {
  return { ...DEFAULT_ARGS[command], ...given };
}
