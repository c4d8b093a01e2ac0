import { decode } from '../../spec/bits.ts';
import { queueBase } from '../../spec/smmuv3/registers.ts';

/** Where a queue of an SMMU lies in memory. */
export interface Ring {
  /** Null: software has not said where, and the queue has memory of its own, which always answers. */
  readonly base: bigint | null;
  readonly log2Size: number;
}

/** Reads CMDQ_BASE or EVENTQ_BASE; `largest`: IDR1.CMDQS or IDR1.EVENTQS (IHI0070 6.3.26: LOG2SIZE is capped to it). */
export function ringOf(register: bigint, largest: number, entryBytes: bigint): Ring {
  const { ADDR, LOG2SIZE } = decode(queueBase, [register]);
  const log2Size = Math.min(LOG2SIZE, largest);
  const bytes = BigInt(2 ** log2Size) * entryBytes;
  // Bits below the alignment to the queue's size, or to 32 bytes, are zero.
  return { base: ADDR & ~((bytes < 32n ? 32n : bytes) - 1n), log2Size };
}

/** The address of an entry, by an index that counts modulo twice the size. */
export function entryAddress({ base, log2Size }: Ring, index: number, entryBytes: bigint): bigint | null {
  return base === null ? null : base + BigInt(index % 2 ** log2Size) * entryBytes;
}
