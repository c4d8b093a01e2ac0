import { COMMANDS, type Command } from '../../model/world/command.ts';
import { FIRST_FD } from '../../model/world/process.ts';
import type { Result } from '../../model/world/result.ts';
import type { World } from '../../model/world/world.ts';
import type { Call } from '../../workload/commands/call.ts';

/** What the objects of the contexts are called in a trace. */
export class ObjectNames {
  readonly #names = new Map<string, string>();

  /** Takes note of a call: if it made an object and gave it a name, that is what it is called from now on. */
  add(call: Call, { actor, args }: Command, result: Result, world: World): void {
    const made = COMMANDS[call.command].binds[0];
    const id = made === undefined ? undefined : result.out[made.out];
    if (call.as === undefined || !result.ok || typeof id !== 'number' || !('fd' in args)) return;
    const ctx = contextOf(world, actor, args.fd);
    if (ctx !== null) this.#names.set(`${ctx}/${id}`, call.as);
  }

  /** A path into the world, as far as it leads to an object with a name: that name and the rest of the path. */
  resolve(path: readonly (string | number)[]): { name: string; rest: readonly (string | number)[] } | null {
    const [contexts, ctx, objects, id, ...rest] = path;
    if (contexts !== 'contexts' || objects !== 'objects') return null;
    const name = this.#names.get(`${ctx}/${id}`);
    return name === undefined ? null : { name, rest };
  }
}

/** The context that a call on this descriptor is about; null where it is about none. */
function contextOf(world: World, actor: string, fd: number): number | null {
  const index = world.processes[actor]?.fds[fd - FIRST_FD] ?? null;
  const of = index === null ? undefined : world.files[index]?.of;
  if (of?.kind === 'iommufd') return of.ctx;
  return of?.kind === 'cdev' || of?.kind === 'mdev' ? (of.bound?.ctx ?? null) : null;
}
