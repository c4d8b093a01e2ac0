import type { Call } from '../../../model/call.ts';
import type { Command, CommandName } from '../../../model/world/command.ts';
import { vmmOf } from '../../../model/world/process.ts';
import type { World } from '../../../model/world/world.ts';
import type { Scope } from '../../scopes/scope.ts';
import type { Alphabet, Exploration } from '../alphabet.ts';
import { commandOf } from '../commands.ts';
import { look, type Seen } from './seen.ts';

/** How many things of each kind a scope is explored with. */
export type Bounds = Exploration['most'] & { readonly vdevice: number };

/** What families make their commands for. */
export interface Setup {
  readonly scope: Scope;
  readonly bounds: Bounds;
  /** A command of a process, by the process's number. */
  of(process: number, command: CommandName, args: Call['args']): Command;
}

/** Adds the commands of one sort that a process can try in what it sees. */
export type Adds = (seen: Seen, tried: Command[]) => void;

/** The commands of one sort. */
export type Family = (setup: Setup) => Adds;

/** What happens around the processes. */
export type Surroundings = (scope: Scope) => (world: World, tried: Command[]) => void;

/** The commands of some families, of every process, and what happens around them. */
export function uapiAlphabet(
  scope: Scope,
  bounds: Bounds,
  families: readonly Family[],
  surroundings: readonly Surroundings[] = [],
): Alphabet {
  const actors = scope.platform.vms.map(vmmOf);
  const setup: Setup = {
    scope,
    bounds,
    of: (process, command, args) => commandOf(actors[process] ?? '', command, args),
  };
  const adds = families.map((family) => family(setup));
  const around = surroundings.map((each) => each(scope));
  return (world) => {
    const tried: Command[] = [];
    for (let process = 0; process < actors.length; process++) {
      const seen = look(world, process, actors[process] as string);
      for (const add of adds) add(seen, tried);
    }
    for (const add of around) add(world, tried);
    return tried;
  };
}

/** How many objects of some kinds there are in all contexts: bounds count them all. */
export function countAll({ contexts }: World, counts: (type: string) => boolean): number {
  let count = 0;
  for (const context of contexts) {
    if (context === null) continue;
    for (const slot of context.objects) if (slot !== null && counts(slot.type)) count++;
  }
  return count;
}
