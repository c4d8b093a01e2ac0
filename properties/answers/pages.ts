import type { Area } from '../../model/iommufd/iopt/table.ts';
import type { World } from '../../model/world/world.ts';
import type { Errno } from '../../spec/errno.ts';

/** What is behind a stretch of an IOAS. */
export type Behind = Pick<Area, 'va' | 'pagesWriteable' | 'doorbell' | 'dmabuf' | 'file' | 'mm'>;

/** Whether what became of memory since the start decides nothing: nobody has changed any. */
export function isMemoryAsAtStart({ processes }: World): boolean {
  for (const actor in processes) {
    const process = processes[actor];
    if (process?.memory !== undefined || (process?.itsMappings.length ?? 0) > 0) return false;
  }
  return true;
}

/** Why a domain cannot have these pages (rule R-10): null where it can. */
export function cannotPin(
  { platform, files }: World,
  { va, pagesWriteable, doorbell, dmabuf, file, mm }: Behind,
  length: bigint,
): Errno | null {
  const { pageSize } = platform.kernel;
  const first = va - (va % pageSize);
  const last = va + length - 1n;
  const end = last - (last % pageSize) + pageSize;
  if (file !== undefined) {
    const of = files[file]?.of;
    return of?.kind === 'memory' && (of.size === null || end <= of.size) ? null : 'EINVAL';
  }
  if (doorbell !== undefined || dmabuf !== undefined) return null;
  if (mm === null) return 'EFAULT';
  for (let page = first; page < end; ) {
    const memory = platform.userMemory.find(
      (each) => each.start <= page && page <= each.last && (each.writable || !pagesWriteable),
    );
    if (memory === undefined) return 'EFAULT';
    page = memory.last + 1n;
  }
  return null;
}
