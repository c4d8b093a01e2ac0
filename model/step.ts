import { COMMANDS } from './commands.ts';
import { completeArgs } from './door.ts';
import { ioctl } from './files.ts';
import { HANDLERS, MACHINES } from './machines.ts';
import { type Command, type CommandName, isIoctl } from './world/command.ts';
import type { Handler } from './world/machine.ts';
import { type Effect, type Result, refused } from './world/result.ts';
import type { Rules } from './world/rules.ts';
import type { System, Tx } from './world/tx.ts';
import type { World } from './world/world.ts';

/** What one command did. */
export interface Step {
  /** The world it leaves: the very same one (`===`) where it was refused and changed nothing. */
  readonly world: World;
  readonly result: Result;
  readonly effects: readonly Effect[];
}

/**
 * The exceptions to "a refused command leaves the world identical", as the real interface has them, each with its
 * reason. Deviations and defects may make others: those are theirs, and named after them.
 */
export const KEEPS_PROGRESS: ReadonlyMap<CommandName, string> = new Map([
  ['ioasUnmap', 'what it took away before it met an area that it may not split stays away'],
  ['vfioUnmapDma', 'as IOAS_UNMAP'],
  ['mockPasidReplace', 'the mock driver notes that it has refused, and accepts the PASID the next time'],
  ['hwptInvalidate', 'what came before a bad command is issued, which is an effect on the pSMMU'],
  [
    'callEnds',
    "a call of another thread is over once it has returned, and its file loses that call's reference",
  ],
]);

/** Who may give each command, by first letters: no two kinds of actors have the same. */
const MAY = Object.fromEntries(
  Object.entries(COMMANDS).map(([name, { by }]) => [name, by.map((kind) => kind.charAt(0)).join('')]),
) as Readonly<Record<CommandName, string>>;

/** Who is no device has none that could do it: ENODEV. For all else that one may not do: EPERM. */
const DEVICE = 'd';

const NO_EFFECTS: readonly Effect[] = Object.freeze([]);

const SETTLING = MACHINES.flatMap(({ settle }) => (settle === undefined ? [] : [settle]));

/** One command in one world. Total: every command has an answer in every world; none throws. */
export function step(world: World, command: Command, rules: Rules): Step {
  const may = MAY[command.command];
  if (!may.includes(command.actor.charAt(0)))
    return { world, result: refused(may === DEVICE ? 'ENODEV' : 'EPERM'), effects: NO_EFFECTS };
  const tx: Tx = { world, rules, system: SYSTEM, effects: [], undone: [], keep: false };
  const result = answer(tx, command);
  if (!result.ok && !tx.keep) {
    return { world, result, effects: tx.undone.length === 0 ? NO_EFFECTS : tx.undone };
  }
  for (let at = 0; at < SETTLING.length; at++) SETTLING[at]?.(world, tx, command.command);
  const undone = result.ok ? NO_EFFECTS : tx.undone;
  return { world: tx.world, result, effects: undone.length === 0 ? tx.effects : [...tx.effects, ...undone] };
}

/** Calls into the kernel, what devices do, and what operators and guests want of a VMM. */
function answer(tx: Tx, { command, args, actor }: Command): Result {
  // A command and its arguments belong together; TypeScript does not follow that through the table.
  if (isIoctl(command)) return ioctl(tx, command, args as never, actor);
  return (HANDLERS[command] as Handler<CommandName>)(tx, args as never, actor);
}

const SYSTEM: System = { complete: completeArgs, call: answer };
