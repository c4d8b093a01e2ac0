import { decode } from '../../../spec/bits.ts';
import { lowMask } from '../../../spec/smmuv3/address.ts';
import { StreamTableFormat, strtabBase, strtabBaseCfg } from '../../../spec/smmuv3/registers.ts';
import { l1StreamTableDescriptor } from '../../../spec/smmuv3/ste.ts';
import type { ReadMemory64 } from './access.ts';
import { configurationFault, type Fault } from './outcome.ts';
import type { SmmuArchitectureRules } from './rules.ts';

/** Where the stream table lies: STRTAB_BASE and STRTAB_BASE_CFG, decoded. */
export interface StreamTable {
  readonly base: bigint;
  /** log2 of the number of StreamIDs. */
  readonly log2Size: number;
  /** StreamID bits that index a level 2 array; null: a linear table. */
  readonly split: number | null;
}

const STE_BYTES = 64n;
const STE_BYTES_LOG2 = 6;
const STE_WORDS = 8;
const L1STD_BYTES_LOG2 = 3;
const LARGEST_SPAN = 11;
const SMALLEST_ALIGNMENT = 6;

/** Decodes the two registers; a reserved SPLIT behaves as 6 (IHI0070 6.3.25). */
export function streamTableOf(base: bigint, configuration: number): StreamTable {
  const cfg = decode(strtabBaseCfg, [BigInt(configuration)]);
  const split = cfg.SPLIT === 8 || cfg.SPLIT === 10 ? cfg.SPLIT : 6;
  return {
    base: decode(strtabBase, [base]).ADDR,
    log2Size: cfg.LOG2SIZE,
    split: cfg.FMT === StreamTableFormat.TwoLevel ? split : null,
  };
}

/**
 * Finds and reads the STE of a StreamID (IHI0070 3.3.1, 5.1): its eight words, or C_BAD_STREAMID or F_STE_FETCH.
 * `sidSize` is IDR1.SIDSIZE; `records` says whether C_BAD_STREAMID is recorded (CR2.RECINVSID).
 */
export function fetchSte(
  table: StreamTable,
  sidSize: number,
  records: boolean,
  streamId: number,
  read: ReadMemory64,
  rules: SmmuArchitectureRules,
): readonly bigint[] | Fault {
  const bits = rules.streamTableBits(table.log2Size, sidSize);
  if (streamId >= 2 ** bits) return badStreamId(records);
  if (table.split === null) {
    const start = aligned(table.base, table.log2Size + STE_BYTES_LOG2, 1, rules);
    return readSte(start + BigInt(streamId) * STE_BYTES, read);
  }
  const l1Bits = Math.max(table.log2Size - table.split, 0);
  const l1Index = Math.floor(streamId / 2 ** table.split);
  const l2Index = streamId % 2 ** table.split;
  const l1Address = aligned(table.base, l1Bits + L1STD_BYTES_LOG2, 1, rules) + BigInt(l1Index) * 8n;
  const l1 = read(l1Address);
  if (l1 === undefined) return configurationFault('F_STE_FETCH', l1Address);
  const Span = rules.spanOf(decode(l1StreamTableDescriptor, [l1]).Span);
  if (Span === 0 || Span > Math.min(LARGEST_SPAN, table.split + 1)) return badStreamId(records);
  if (l2Index >= rules.entriesOfSpan(Span)) {
    return rules.eventBeyondSpan === 'C_BAD_STE' ? configurationFault('C_BAD_STE') : badStreamId(records);
  }
  const array = aligned(rules.level2Array(l1), Span - 1 + STE_BYTES_LOG2, 2, rules);
  return readSte(array + BigInt(l2Index) * STE_BYTES, read);
}

function badStreamId(records: boolean): Fault {
  return { ...configurationFault('C_BAD_STREAMID'), recorded: records };
}

function aligned(base: bigint, bits: number, level: 1 | 2, rules: SmmuArchitectureRules): bigint {
  return rules.streamTableAt(base, lowMask(Math.max(bits, SMALLEST_ALIGNMENT)), level);
}

function readSte(address: bigint, read: ReadMemory64): readonly bigint[] | Fault {
  const words: bigint[] = [];
  for (let word = 0; word < STE_WORDS; word++) {
    const value = read(address + BigInt(word * 8));
    if (value === undefined) return configurationFault('F_STE_FETCH', address);
    words.push(value);
  }
  return words;
}
