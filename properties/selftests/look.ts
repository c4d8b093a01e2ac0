import type { Area } from '../../model/iommufd/iopt/table.ts';
import type { World } from '../../model/world/world.ts';
import type { At as Place } from '../answers/place.ts';

/** Where a call of a test is made. */
export interface At extends Place {
  readonly actor: string;
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
