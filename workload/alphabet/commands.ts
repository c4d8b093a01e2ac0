import { type Call, resolveCall } from '../../model/call.ts';
import type { Command, CommandName } from '../../model/world/command.ts';

/** A command whose objects are given by number, the rest of its arguments at their defaults. */
export function commandOf(actor: string, command: CommandName, args: Call['args']): Command {
  return resolveCall({ actor, command, args }, {});
}

/** Numbers below this are kept apart. */
const LIMIT = 64;

/**
 * Commands by up to five small numbers, each made once: the same few commands are tried in millions of worlds. What
 * `make` gives must depend on the numbers alone.
 */
export function commandTable(
  make: (a: number, b: number, c: number, d: number, e: number) => Command,
): (a: number, b?: number, c?: number, d?: number, e?: number) => Command {
  const known = new Map<number, Command>();
  return (a, b = 0, c = 0, d = 0, e = 0) => {
    if (a >= LIMIT || b >= LIMIT || c >= LIMIT || d >= LIMIT || e >= LIMIT) return make(a, b, c, d, e);
    const key = (((a * LIMIT + b) * LIMIT + c) * LIMIT + d) * LIMIT + e;
    let command = known.get(key);
    if (command === undefined) {
      command = make(a, b, c, d, e);
      known.set(key, command);
    }
    return command;
  };
}
