import type { Command, CommandName } from '../../model/world/command.ts';
import { type Call, resolveCall } from '../commands/call.ts';

/** A command whose objects are given by number, the rest of its arguments at their defaults. */
export function commandOf(actor: string, command: CommandName, args: Call['args']): Command {
  return resolveCall({ actor, command, args }, {});
}

/**
 * Commands by up to three small numbers, each made once: the same few commands are tried in millions of worlds. What
 * `make` gives must depend on the numbers alone.
 */
export function commandTable(
  make: (a: number, b: number, c: number) => Command,
): (a: number, b?: number, c?: number) => Command {
  const known: (Command | undefined)[] = [];
  return (a, b = 0, c = 0) => {
    if (a >= LIMIT || b >= LIMIT || c >= LIMIT) return make(a, b, c);
    const at = (a * LIMIT + b) * LIMIT + c;
    let command = known[at];
    if (command === undefined) {
      command = make(a, b, c);
      known[at] = command;
    }
    return command;
  };
}

const LIMIT = 64;
