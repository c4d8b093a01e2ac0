import type { Call } from '../model/call.ts';
import { COMMANDS } from '../model/commands.ts';
import type { CommandDeclaration } from '../spec/command/declaration.ts';

/** The suffix of a name that stands for the descriptor which came with an object. */
export const FD_SUFFIX = '.fd';

/** What a name is called that nothing bound. */
export const UNBOUND = /^unbound\d+(?:\.fd)?$/;

/** The call with every name that it uses given another. */
export function renameUses(call: Call, rename: (name: string) => string): Call {
  const shape: CommandDeclaration = COMMANDS[call.command];
  const args = Object.entries(call.args).map(([arg, value]) => {
    const isName = shape.args[arg]?.kind === 'handle' && typeof value === 'string';
    return [arg, isName ? rename(value) : value];
  });
  return { ...call, args: Object.fromEntries(args) };
}
