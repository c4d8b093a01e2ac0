import { bootWorld } from '../../model/boot.ts';
import type { ArgValue, Call } from '../../model/call.ts';
import { COMMANDS } from '../../model/commands.ts';
import type { Command } from '../../model/world/command.ts';
import { fileOf } from '../../model/world/files.ts';
import type { World } from '../../model/world/world.ts';
import type { CommandDeclaration } from '../../spec/command/declaration.ts';
import { attempt } from '../attempt.ts';
import { withCanonicalNames } from '../canonical.ts';
import type { Setting } from '../run.ts';
import { withoutDefaults } from '../simpler.ts';

/**
 * Commands that name objects by number as calls of a trace: numbers that an earlier command gave become the name of
 * what it made, arguments at their defaults are left out.
 */
export function callsOf(setting: Setting, commands: readonly Command[]): readonly Call[] {
  const names = new Map<string, string>();
  let world = bootWorld(setting.scope.platform);
  let made = 0;
  const calls = commands.map((command): Call => {
    const shape: CommandDeclaration = COMMANDS[command.command];
    const ctx = contextOf(world, command);
    const keyOf = (isFd: boolean, number: number): string =>
      isFd ? `${command.actor} ${number}` : `${ctx} ${number}`;
    const args: Record<string, ArgValue> = {};
    for (const [name, value] of Object.entries(command.args as Readonly<Record<string, ArgValue>>)) {
      const arg = shape.args[name];
      if (arg === undefined) continue;
      const isNumber = arg.kind === 'handle' && typeof value === 'number';
      args[name] = isNumber ? (names.get(keyOf(isFdKind(arg.of), value)) ?? value) : value;
    }
    const done = attempt(world, command, setting.rules);
    const call = withoutDefaults({ actor: command.actor, command: command.command, args });
    const [first] = shape.binds;
    const isNew =
      first !== undefined && done.result.ok && makes(world, command, done.result.out[first.out], ctx);
    world = done.world;
    if (!isNew) return call;
    const as = `made${made++}`;
    // The context of what an open made has no objects yet; a bind's DEVICE is in that of the iommufd.
    const home = contextOf(world, command);
    for (const { suffix, of, out } of shape.binds) {
      const number = done.result.out[out];
      const key = isFdKind(of) ? `${command.actor} ${String(number)}` : `${home} ${String(number)}`;
      names.set(key, as + suffix);
    }
    return { ...call, as };
  });
  return withCanonicalNames(setting, calls);
}

function isFdKind(of: string): boolean {
  return of === 'fd' || of === 'cdev' || of === 'iommufd';
}

/** An attachment says the id of its HWPT, also where it was there before. */
function makes(world: World, command: Command, number: unknown, ctx: number): boolean {
  if (command.command !== 'vfioAttach' || typeof number !== 'number') return true;
  const slot = world.contexts[ctx]?.objects[number];
  return slot?.type !== 'hwptPaging' && slot?.type !== 'hwptNested';
}

/** The context that a command's object ids are of; -1 where it has none. */
function contextOf(world: World, { actor, args }: Command): number {
  const { fd, iommufd } = args as { readonly fd?: number; readonly iommufd?: number };
  const of = fileOf({ world }, actor, iommufd ?? fd ?? -1)?.of;
  if (of?.kind === 'iommufd') return of.ctx;
  return of?.kind === 'cdev' || of?.kind === 'mdev' ? (of.bound?.ctx ?? -1) : -1;
}
