import type { Platform } from '../../platform/platform.ts';

/*
 * Where the pages of the process's anonymous memory lie. No answer depends on it, as long as two pages never share a place:
 * they lie in RAM in the order of `Platform.userMemory`, without gaps.
 */

/** Start of the machine's RAM. */
export const RAM_START = 0x4000_0000n;

/** The physical address behind a user address; null where nothing is mapped. */
export function physicalOf({ userMemory }: Platform, va: bigint): bigint | null {
  let base = RAM_START;
  for (const { start, last } of userMemory) {
    if (va >= start && va <= last) return base + (va - start);
    base += last - start + 1n;
  }
  return null;
}

/** Offset in RAM of a physical address; null where there is no RAM. */
export function ramOffsetOf({ userMemory }: Platform, address: bigint): number | null {
  const size = userMemory.reduce((sum, { start, last }) => sum + (last - start + 1n), 0n);
  const offset = address - RAM_START;
  return offset >= 0n && offset < size ? Number(offset) : null;
}
