/*
 * Where memory lies that is not the process's own: files that are mapped, and registers that are given as a dma-buf. They have places
 * above all RAM and below the driver's structures. What stands in them is not followed.
 */

const FILES = 0x4_0000_0000n;
const REGISTERS = 0x7_0000_0000n;
const END = 0x8_0000_0000n;
const PLACE_SHIFT = 26n;

/** What an area of an IOAS leads to instead of user memory; `va` is the place in it. */
export interface Elsewhere {
  readonly va: bigint;
  readonly dmabuf?: number;
  readonly file?: number;
}

/** The address of a byte of a file or of registers; null: it is user memory. Pages of one file that are 64 MiB apart are taken for one. */
export function placeOf({ va, dmabuf, file }: Elsewhere, offset: bigint): bigint | null {
  if (dmabuf !== undefined) return placed(REGISTERS, dmabuf, va + offset);
  return file === undefined ? null : placed(FILES, file, va + offset);
}

function placed(start: bigint, number: number, at: bigint): bigint {
  return start + (BigInt(number) << PLACE_SHIFT) + (at & ((1n << PLACE_SHIFT) - 1n));
}

/** Whether an address is a place of a file or of registers. */
export function isPlace(address: bigint): boolean {
  return address >= FILES && address < END;
}
