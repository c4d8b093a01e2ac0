import type { Context } from '../../model/iommufd/context.ts';
import type { Area } from '../../model/iommufd/iopt.ts';
import type { ObjectOf } from '../../model/iommufd/objects.ts';
import { fileOf } from '../../model/world/files.ts';
import type { World } from '../../model/world/world.ts';
import { objectOf } from '../look.ts';

/** Where a call of a test is made. */
export interface At {
  readonly world: World;
  readonly ctx: number;
  readonly context: Context;
  readonly actor: string;
}

/** An access, by the file that stands for its driver. */
export interface AccessAt {
  readonly ctx: number;
  readonly id: number;
  readonly access: ObjectOf<'access'>;
  /** What the access's IOAS maps; null: it is on none. */
  readonly areas: readonly Area[] | null;
}

/** The access behind a descriptor; null: there is none. */
export function accessOf(world: World, actor: string, fd: number): AccessAt | null {
  const of = fileOf({ world }, actor, fd)?.of;
  if (of?.kind !== 'mockAccess') return null;
  const context = world.contexts[of.ctx] ?? null;
  const access = context === null ? null : objectOf(context, of.id, 'access');
  if (context === null || access === null) return null;
  const ioas = access.ioas === null ? null : objectOf(context, access.ioas, 'ioas');
  return { ctx: of.ctx, id: of.id, access, areas: ioas?.iopt.areas ?? null };
}

/** Whether a process has memory at an address. */
export function hasMemory({ platform }: World, va: bigint): boolean {
  return platform.userMemory.some(({ start, last }) => start <= va && va <= last);
}

/** Whether a process has memory in all of a range. */
export function hasMemoryIn(world: World, va: bigint, length: bigint): boolean {
  let left = length;
  for (let at = va; left > 0n; ) {
    const found = world.platform.userMemory.find(({ start, last }) => start <= at && at <= last);
    if (found === undefined) return false;
    left -= found.last - at + 1n;
    at = found.last + 1n;
  }
  return true;
}

/** The user address of the memory behind an IOVA; null: there is none, or it is of a device. */
export function memoryBehind(areas: readonly Area[], iova: bigint): bigint | null {
  const area = areas.find(({ start, last }) => start <= iova && iova <= last);
  if (area === undefined || area.dmabuf !== undefined || area.doorbell !== undefined) return null;
  return area.va + (iova - area.start);
}
