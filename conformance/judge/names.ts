import type { ArgValue, Call } from '../../model/call.ts';
import { COMMANDS } from '../../model/commands.ts';
import type { Command } from '../../model/world/command.ts';
import { fileOf } from '../../model/world/files.ts';
import { vmmOf } from '../../model/world/process.ts';
import type { Result } from '../../model/world/result.ts';
import type { World } from '../../model/world/world.ts';
import { isDescriptorKind } from '../../spec/command/argument.ts';
import type { CommandDeclaration } from '../../spec/command/declaration.ts';

type Args = Readonly<Record<string, ArgValue>>;

/**
 * Commands as a trace has them, with names in the place of the numbers of objects and descriptors: then any of them can be left out,
 * and the others still mean what they meant.
 */
export class Naming {
  readonly #names = new Map<string, string>();
  readonly #counts = new Map<string, number>();

  /** The call of a command, by what it came to. */
  of(command: Command, result: Result, before: World, after: World): Call {
    const shape: CommandDeclaration = COMMANDS[command.command];
    const given = command.args as unknown as Args;
    const args = Object.fromEntries(
      Object.entries(given).map(([name, value]) => {
        const argument = shape.args[name];
        if (argument?.kind !== 'handle' || typeof value !== 'number') return [name, value];
        const key = isDescriptorKind(argument.of)
          ? fdKey(command.actor, value)
          : objectKey(before, command.actor, given, value);
        return [name, this.#names.get(key) ?? value];
      }),
    );
    const [first] = shape.binds;
    if (!result.ok || first === undefined) return { actor: command.actor, command: command.command, args };
    const rank = this.#counts.get(first.of) ?? 0;
    this.#counts.set(first.of, rank + 1);
    const as = `${first.of}${rank}`;
    const owner = command.command === 'passFd' ? vmmOf(command.args.to) : command.actor;
    for (const { of, out, suffix } of shape.binds) {
      const number = result.out[out];
      if (typeof number !== 'number') continue;
      const isFd = isDescriptorKind(of);
      this.#names.set(
        isFd ? fdKey(owner, number) : objectKey(after, command.actor, given, number),
        as + suffix,
      );
    }
    return { actor: command.actor, command: command.command, args, as };
  }
}

function fdKey(actor: string, fd: number): string {
  return `fd ${actor} ${fd}`;
}

/** Ids are those of a context, which the call's descriptor says. */
function objectKey(world: World, actor: string, args: Args, id: number): string {
  const fd = args.iommufd ?? args.fd;
  const of = typeof fd === 'number' ? fileOf({ world }, actor, fd)?.of : undefined;
  const ctx =
    of?.kind === 'iommufd' ? of.ctx : of?.kind === 'cdev' || of?.kind === 'mdev' ? of.bound?.ctx : -1;
  return `id ${ctx ?? -1} ${id}`;
}
