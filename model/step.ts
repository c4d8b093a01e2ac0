import { completeArgs } from './door.ts';
import { ioctl } from './files.ts';
import { HANDLERS, MACHINES } from './machines.ts';
import { type Command, type CommandName, isIoctl } from './world/command.ts';
import type { Handler } from './world/machine.ts';
import type { Effect, Result } from './world/result.ts';
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
 * The exceptions to "a refused command leaves the world identical", as the real interface has them: an UNMAP keeps
 * what it took away before it met an area that it may not split. (HWPT_INVALIDATE also makes progress before it
 * fails, but its progress is an effect on the pSMMU. And a call of another thread is over once it has returned.)
 */
export const KEEPS_PROGRESS: ReadonlySet<CommandName> = new Set([
  'ioasUnmap',
  'vfioUnmapDma',
  'hwptInvalidate',
  'callEnds',
]);

const NO_EFFECTS: readonly Effect[] = Object.freeze([]);

const SETTLING = MACHINES.flatMap(({ settle }) => (settle === undefined ? [] : [settle]));

/** One command in one world. Total: every command has an answer in every world; none throws. */
export function step(world: World, command: Command, rules: Rules): Step {
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
