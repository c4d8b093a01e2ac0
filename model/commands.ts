import type { CommandDeclaration } from '../spec/command/declaration.ts';
import { MACHINES } from './machines.ts';
import type { CommandName } from './world/command.ts';

/** The commands of each machine, by the machine's folder. */
export const COMMAND_GROUPS: Readonly<Record<string, Readonly<Record<string, CommandDeclaration>>>> =
  Object.fromEntries(
    MACHINES.filter(({ commands }) => Object.keys(commands).length > 0).map(({ name, commands }) => [
      name,
      commands,
    ]),
  );

/** Every command as it is declared. */
export const COMMANDS: { readonly [N in CommandName]: CommandDeclaration } = Object.assign(
  {},
  ...MACHINES.map(({ commands }) => commands),
);

/** Whether there is a command of this name. */
export function isCommandName(name: string): name is CommandName {
  return Object.hasOwn(COMMANDS, name);
}
