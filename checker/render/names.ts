import { FIRST_FD } from '../../model/world/process.ts';
import type { Result } from '../../model/world/result.ts';
import type { World } from '../../model/world/world.ts';
import { type Bindings, type Call, resolveCall } from '../../properties/commands/call.ts';
import { SHAPES } from '../../properties/commands/shapes.ts';

/** What the objects of the contexts are called in a trace, by context and id. */
export type ObjectNames = ReadonlyMap<string, string>;

/** Where an object stands in the world. */
export function objectKey(ctx: number, id: number): string {
  return `${ctx}/${id}`;
}

/** The names after a call: if it made an object that has a name, with that. */
export function nameObjects(
  names: ObjectNames,
  call: Call,
  result: Result,
  world: World,
  bindings: Bindings,
): ObjectNames {
  const made = SHAPES[call.command].binds[0];
  const id = made === undefined ? undefined : result.out[made.out];
  if (call.as === undefined || !result.ok || typeof id !== 'number') return names;
  const ctx = contextOf(call, world, bindings);
  return ctx === null ? names : new Map([...names, [objectKey(ctx, id), call.as]]);
}

/** The context that a call was about; null where it was about none. */
function contextOf(call: Call, world: World, bindings: Bindings): number | null {
  const { args, actor } = resolveCall(call, bindings);
  if (!('fd' in args)) return null;
  const index = world.processes[actor]?.fds[args.fd - FIRST_FD] ?? null;
  const of = index === null ? undefined : world.files[index]?.of;
  if (of?.kind === 'iommufd') return of.ctx;
  return of?.kind === 'cdev' ? (of.bound?.ctx ?? null) : null;
}
