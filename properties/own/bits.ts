/* Bits of words in memory, taken here by arithmetic of its own: oracles share nothing with the model. */

/** Memory, a doubleword at an address; undefined: nothing answers. */
export type ReadWord = (address: bigint) => bigint | undefined;

export function bits(word: bigint | undefined, low: number, width: number): number {
  return Number(((word ?? 0n) >> BigInt(low)) & ((1n << BigInt(width)) - 1n));
}

/** The bits of an address field, in place. */
export function field(word: bigint | undefined, low: number, high: number): bigint {
  return (word ?? 0n) & ((1n << BigInt(high + 1)) - 1n) & ~((1n << BigInt(low)) - 1n);
}

export function alignedTo(address: bigint, log2: number): bigint {
  return address & ~((1n << BigInt(log2)) - 1n);
}

/** So many doublewords; null: nothing answers at one of them. */
export function words(read: ReadWord, address: bigint, count: number): readonly bigint[] | null {
  const found: bigint[] = [];
  for (let at = 0; at < count; at++) {
    const word = read(address + BigInt(8 * at));
    if (word === undefined) return null;
    found.push(word);
  }
  return found;
}
