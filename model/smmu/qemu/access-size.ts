/** What cannot reach memory is retried in pieces of at most this size, each a transaction of its own. */
const LARGEST = 4;

/** The next piece of what cannot reach memory: a power of two that its address is a multiple of (memory_access_size()). */
export function refusedPiece(iova: bigint, left: number): number {
  let size = LARGEST;
  while (size > 1 && (iova % BigInt(size) !== 0n || size > left)) size /= 2;
  return size;
}
