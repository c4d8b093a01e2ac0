/*
 * Queues in a guest's memory (IHI0070 3.5.1): indices with a wrap bit above them.
 */

export interface Ring {
  readonly base: bigint;
  /** Whether it begins at a multiple of its size, whatever its base says. */
  readonly aligned: boolean;
  readonly log2Size: number;
  /** Indices with their wrap bits. */
  readonly prod: number;
  readonly cons: number;
}

/** IDR1.CMDQS and IDR1.EVENTQS of every vSMMU here. */
const MOST_LOG2 = 19;

const ADDRESS = 0xf_ffff_ffff_ffe0n;
const LOG2SIZE = 0x1fn;
const WORD_BYTES = 8;

/** A queue by its BASE, PROD and CONS; what lies above the wrap bit of these is something else. */
export function ringOf(base: bigint, prod: number, cons: number, aligned: boolean): Ring {
  const log2Size = Math.min(Number(base & LOG2SIZE), MOST_LOG2);
  const mask = 2 ** (log2Size + 1) - 1;
  return { base: base & ADDRESS, aligned, log2Size, prod: prod & mask, cons: cons & mask };
}

export function isEmpty({ prod, cons }: Ring): boolean {
  return prod === cons;
}

export function isFull({ prod, cons, log2Size }: Ring): boolean {
  return (prod ^ cons) === 2 ** log2Size;
}

/** The index after another one. */
export function next({ log2Size }: Ring, at: number): number {
  return (at + 1) & (2 ** (log2Size + 1) - 1);
}

/** Where the entry at an index lies. */
export function slotAt({ base, aligned, log2Size }: Ring, at: number, words: number): bigint {
  const bytes = BigInt(words * WORD_BYTES);
  const index = BigInt(at & (2 ** log2Size - 1));
  const size = bytes << BigInt(log2Size);
  return (aligned ? base & ~(size - 1n) : base) + index * bytes;
}
