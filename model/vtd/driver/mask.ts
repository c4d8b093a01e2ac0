/**
 * log2 of the smallest block of pages, aligned to its own size, that has all of some pages in it. An invalidation ignores
 * the address bits below its mask, so rounding up the number of pages alone is not enough: two pages from an odd one on
 * need a block of four, or of more.
 */
export function alignedMask(firstPage: bigint, pages: bigint): number {
  const last = firstPage + pages - 1n;
  let mask = 0;
  while (firstPage >> BigInt(mask) !== last >> BigInt(mask)) mask++;
  return mask;
}
