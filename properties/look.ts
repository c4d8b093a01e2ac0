import type { Context } from '../model/iommufd/context.ts';
import type { IommufdObject, ObjectOf, ObjectType } from '../model/iommufd/objects.ts';
import { fileOf } from '../model/world/files.ts';
import type { CallInFlight } from '../model/world/process.ts';
import type { World } from '../model/world/world.ts';

/** Calls back for every object of every context until the callback gives something other than null. */
export function firstObject<R>(
  world: World,
  look: (object: IommufdObject, id: number, context: Context, ctx: number) => R | null,
): R | null {
  for (let ctx = 0; ctx < world.contexts.length; ctx++) {
    const context = world.contexts[ctx];
    if (context === null || context === undefined) continue;
    for (let id = 1; id < context.objects.length; id++) {
      const slot = context.objects[id];
      if (slot === null || slot === undefined || slot.type === 'tombstone') continue;
      const found = look(slot, id, context, ctx);
      if (found !== null) return found;
    }
  }
  return null;
}

/** The object behind an id of a context, if it is of the given type. */
export function objectOf<T extends ObjectType>(context: Context, id: number, type: T): ObjectOf<T> | null {
  const slot = context.objects[id];
  return slot?.type === type ? (slot as ObjectOf<T>) : null;
}

/** What is behind an id, if anything: what is buried under it is none. */
export function anyObject({ objects }: Context, id: number): IommufdObject | null {
  const slot = objects[id] ?? null;
  return slot === null || slot.type === 'tombstone' ? null : slot;
}

/** An object by the index of its context, which may be gone. */
export function objectIn<T extends ObjectType>(
  world: World,
  ctx: number,
  id: number,
  type: T,
): ObjectOf<T> | null {
  const context = world.contexts[ctx] ?? null;
  return context === null ? null : objectOf(context, id, type);
}

/** Whether any context has an object of a type. */
export function hasObject(world: World, type: ObjectType): boolean {
  return firstObject(world, (object) => (object.type === type ? true : null)) !== null;
}

/** The paging HWPT in which DMA through an HWPT ends, and its id. */
export function pagingOf(context: Context, hwptId: number): ObjectOf<'hwptPaging'> | null {
  const nested = objectOf(context, hwptId, 'hwptNested');
  return objectOf(context, nested?.parent ?? hwptId, 'hwptPaging');
}

/** Calls back for every attached device of every context, until the callback gives a string. */
export function firstAttached(
  world: World,
  look: (context: Context, device: number, hwptId: number) => string | null,
): string | null {
  for (const context of world.contexts) {
    for (const { attach } of context?.groups ?? []) {
      if (context === null || attach === null) continue;
      for (const devId of attach.devices) {
        const object = objectOf(context, devId, 'device');
        const violation = object === null ? null : look(context, object.device, attach.hwpt);
        if (violation !== null) return violation;
      }
    }
  }
  return null;
}

/** The context behind the /dev/iommu descriptor of an ioctl; null where the descriptor is no such thing. */
export function contextOfFd(world: World, actor: string, fd: number): Context | null {
  const file = fileOf({ world }, actor, fd);
  return file?.of.kind === 'iommufd' ? (world.contexts[file.of.ctx] ?? null) : null;
}

/** The lower-case hexadecimal form of an address. */
export function hex(value: bigint): string {
  return `0x${value.toString(16)}`;
}

/** Calls of processes' other threads that have begun and not ended. */
export function callsInFlight({ processes }: World): readonly CallInFlight[] {
  const found: CallInFlight[] = [];
  for (const actor in processes) for (const call of processes[actor]?.calls ?? []) found.push(call);
  return found;
}
