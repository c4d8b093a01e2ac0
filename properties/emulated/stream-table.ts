import { alignedTo, bits, field, type ReadWord, words } from '../own/bits.ts';

/** Where the stream table is, log2 of its StreamIDs, and STRTAB_BASE_CFG.SPLIT where it has two levels. */
export interface StreamTable {
  readonly base: bigint;
  readonly log2Size: number;
  readonly split: number | null;
}

const ENTRY_BYTES = 64;
const ENTRY_WORDS = ENTRY_BYTES / 8;

/**
 * The words of a stream's entry, found as IHI0070 3.3.1 and 5.1 say. 'none': the StreamID is beyond the table, or its part has no
 * array. 'unreadable': nothing answers where a descriptor or the entry is.
 */
export function streamEntry(
  { base, log2Size, split }: StreamTable,
  sidSize: number,
  stream: number,
  read: ReadWord,
): readonly bigint[] | 'none' | 'unreadable' {
  const entryOf = (array: bigint, index: number) =>
    words(read, array + BigInt(ENTRY_BYTES * index), ENTRY_WORDS) ?? 'unreadable';
  if (stream >= 2 ** Math.min(log2Size, sidSize)) return 'none';
  if (split === null) return entryOf(alignedTo(base, log2Size + 6), stream);
  const first = Math.floor(stream / 2 ** split);
  const descriptor = read(alignedTo(base, Math.max(6, 3 + log2Size - split)) + BigInt(8 * first));
  if (descriptor === undefined) return 'unreadable';
  const span = bits(descriptor, 0, 5);
  const second = stream % 2 ** split;
  // 0: no array; 12 and more, and more than the array that SPLIT has room for, are reserved.
  if (span === 0 || span > 11 || span > split + 1 || second >= 2 ** (span - 1)) return 'none';
  return entryOf(alignedTo(field(descriptor, 6, 51), 5 + span), second);
}
