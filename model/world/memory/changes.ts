/** What can be done with memory: nothing where there is none, or reading, or also writing. */
export type MemoryAccess = 'none' | 'read' | 'write';

/** A stretch of a process's memory, as munmap(), mprotect() or another mmap() left it. */
export interface MemoryChange {
  readonly start: bigint;
  readonly last: bigint;
  readonly access: MemoryAccess;
}

/** Whether changes, the latest first, leave all of [first, last] as it is to be used. */
export function allows(
  changes: readonly MemoryChange[],
  first: bigint,
  last: bigint,
  write: boolean,
): boolean {
  if (first > last) return true;
  const at = changes.findIndex((change) => change.start <= last && first <= change.last);
  const change = changes[at];
  if (change === undefined) return true;
  if (change.access === 'none' || (write && change.access === 'read')) return false;
  const older = changes.slice(at + 1);
  return allows(older, first, change.start - 1n, write) && allows(older, change.last + 1n, last, write);
}

/** Whether descriptors have gone from one process to another: whose memory an IOAS maps is noted from then on. */
export function sharesFiles({
  world,
}: {
  readonly world: { readonly processes: Readonly<Record<string, { readonly given?: boolean }>> };
}): boolean {
  return Object.values(world.processes).some(({ given }) => given === true);
}
