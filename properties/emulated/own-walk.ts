import { alignedTo, bits, field, type ReadWord, words } from '../own/bits.ts';
import { type StreamTable, streamEntry } from './stream-table.ts';

/*
 * What an SMMUv3 does with a transaction that meets nothing cached, read anew from the architecture (IHI0070 3.3, 5, 7.3;
 * VMSAv8-64 with a granule of 4 KiB): bits are taken from words here, and nothing is shared with the model. What is rare in
 * a guest's tables it leaves to others: it says nothing then.
 */

/** What the walk begins with: registers, as they are in effect. */
export interface Start {
  /** IDR0, IDR1, IDR3 and IDR5. */
  readonly idr: {
    readonly IDR0: number;
    readonly IDR1: number;
    readonly IDR3: number;
    readonly IDR5: number;
  };
  readonly table: StreamTable;
}

export interface Transaction {
  readonly stream: number;
  readonly address: bigint;
  readonly write: boolean;
}

/** An address, the four words of an event, or an abort in silence. */
export type Ended = { readonly address: bigint } | { readonly event: readonly bigint[] } | 'silent';

/** What is not said here. */
const UNSAID = 'unsaid';

type Unsaid = typeof UNSAID;

const TYPE = {
  C_BAD_STREAMID: 0x02,
  C_BAD_STE: 0x04,
  C_BAD_CD: 0x0a,
  F_TRANSLATION: 0x10,
  F_ADDR_SIZE: 0x11,
  F_ACCESS: 0x12,
  F_PERMISSION: 0x13,
} as const;

type Why = 'F_TRANSLATION' | 'F_ADDR_SIZE' | 'F_ACCESS' | 'F_PERMISSION';

/** CLASS of an event: a CD, a table, or the input itself. */
const CLASS = { CD: 0n, TT: 1n, IN: 2n } as const;

type Class = keyof typeof CLASS;

/** A refusal on a walk. */
interface Refusal {
  readonly why: Why;
  /** Of stage 2: what was looked up for what. */
  readonly ipa?: bigint;
  readonly of: Class;
}

const SIZES = [32, 36, 40, 42, 44, 48, 52] as const;
const PAGE = 12;
const STRIDE = 9;
const LAST_LEVEL = 3;

function isWithin(address: bigint, size: number): boolean {
  return address >> BigInt(size) === 0n;
}

function configurationEvent({ stream }: Transaction, type: number): Ended {
  return { event: [BigInt(type) | (BigInt(stream) << 32n), 0n, 0n, 0n] };
}

function walkEvent({ stream, write, address }: Transaction, { why, ipa, of }: Refusal): Ended {
  const reason = ((write ? 0n : 1n) << 35n) | ((ipa === undefined ? 0n : 1n) << 39n) | (CLASS[of] << 40n);
  return {
    event: [
      BigInt(TYPE[why]) | (BigInt(stream) << 32n),
      reason,
      address,
      ipa === undefined ? 0n : field(ipa, PAGE, 51),
    ],
  };
}

/** Stage 2 of an STE. */
interface Second {
  readonly table: bigint;
  readonly inputBits: number;
  readonly start: number;
  readonly outputBits: number;
  readonly accessFlag: boolean;
  readonly protectsWalks: boolean;
  readonly recorded: boolean;
}

function secondOf([, , word2, word3]: readonly bigint[], oas: number): Second | 'bad' | Unsaid {
  const t0sz = bits(word2, 32, 6);
  const size = bits(word2, 48, 3);
  const start = 2 - bits(word2, 38, 2);
  const inputBits = 64 - t0sz;
  // Granules, endianness, flags that hardware updates, stalls: S2TG, S2ENDI, S2HA, S2HD, S2S; AArch32.
  const rare = bits(word2, 46, 2) + bits(word2, 52, 1) + bits(word2, 55, 3) > 0 || bits(word2, 51, 1) === 0;
  if (rare || t0sz > 39 || inputBits > oas || start < 0 || size > 5) return UNSAID;
  const top = inputBits - (PAGE + STRIDE * (LAST_LEVEL - start));
  if (top < 1 || top > STRIDE + 4) return UNSAID;
  const outputBits = Math.min(SIZES[size] ?? 0, oas);
  const table = field(word3, 4, 51);
  if (!isWithin(table, outputBits)) return 'bad';
  return {
    table: alignedTo(table, top + 3),
    inputBits,
    start,
    outputBits,
    accessFlag: bits(word2, 53, 1) === 0,
    protectsWalks: bits(word2, 54, 1) === 1,
    recorded: bits(word2, 58, 1) === 1,
  };
}

/** What a descriptor of a level is. */
function kindOf(descriptor: bigint, level: number): 'none' | 'table' | 'leaf' {
  if ((descriptor & 1n) === 0n) return 'none';
  const second = (descriptor & 2n) !== 0n;
  if (level === LAST_LEVEL) return second ? 'leaf' : 'none';
  if (second) return 'table';
  return level === 0 ? 'none' : 'leaf';
}

/** Bits of an address that a level of tables resolves by itself: its entries' size. */
function shiftOf(level: number): number {
  return PAGE + STRIDE * (LAST_LEVEL - level);
}

function throughSecond(
  second: Second,
  ipa: bigint,
  of: Class,
  write: boolean,
  read: ReadWord,
): bigint | Refusal | Unsaid {
  const refused = (why: Why): Refusal => ({ why, ipa, of });
  if (!isWithin(ipa, second.inputBits)) return refused('F_TRANSLATION');
  let { table } = second;
  for (let level = second.start; level <= LAST_LEVEL; level++) {
    const shift = shiftOf(level);
    const index = ipa >> BigInt(shift);
    const place = level === second.start ? index : index & 0x1ffn;
    const descriptor = read(table + place * 8n);
    if (descriptor === undefined) return UNSAID;
    const kind = kindOf(descriptor, level);
    if (kind === 'none') return refused('F_TRANSLATION');
    const output = field(descriptor, kind === 'table' ? PAGE : shift, 47);
    if (!isWithin(output, second.outputBits)) return refused('F_ADDR_SIZE');
    if (kind === 'table') {
      table = output;
      continue;
    }
    if (second.accessFlag && bits(descriptor, 10, 1) === 0) return refused('F_ACCESS');
    if (bits(descriptor, write ? 7 : 6, 1) === 0) return refused('F_PERMISSION');
    // Device memory, for the SMMU's own reads.
    if (of !== 'IN' && second.protectsWalks && bits(descriptor, 4, 2) === 0) return refused('F_PERMISSION');
    return output | (ipa & ((1n << BigInt(shift)) - 1n));
  }
  return UNSAID;
}

/** Stage 1 of a CD: the half of TTB0. */
interface First {
  readonly table: bigint;
  readonly inputBits: number;
  readonly outputBits: number;
  readonly walks: boolean;
  readonly accessFlag: boolean;
  readonly ignoresTop: boolean;
  readonly hierarchical: boolean;
  readonly recorded: boolean;
}

function firstOf(
  [word0, word1]: readonly bigint[],
  { IDR3 }: Start['idr'],
  oas: number,
): First | 'bad' | Unsaid {
  if (bits(word0, 31, 1) === 0) return 'bad';
  const t0sz = bits(word0, 0, 6);
  const size = bits(word0, 32, 3);
  // A half above, granules, endianness, flags that hardware updates, stalls, RAZ/WI: EPD1, TG0, ENDI, HD, HA, S, A; E0PD0.
  const rare =
    bits(word0, 41, 1) === 0 ||
    bits(word0, 30, 1) === 0 ||
    bits(word0, 46, 1) === 0 ||
    bits(word0, 6, 2) + bits(word0, 15, 1) + bits(word0, 42, 3) + bits(word1, 2, 1) > 0;
  if (rare || t0sz < 16 || t0sz > 39 || size > 5) return UNSAID;
  const outputBits = Math.min(SIZES[size] ?? 0, oas);
  const table = field(word1, 4, 51);
  const walks = bits(word0, 14, 1) === 0;
  if (walks && !isWithin(table, outputBits)) return 'bad';
  const inputBits = 64 - t0sz;
  const levels = Math.ceil((inputBits - PAGE) / STRIDE);
  return {
    table: alignedTo(table, inputBits - PAGE - STRIDE * (levels - 1) + 3),
    inputBits,
    outputBits,
    walks,
    accessFlag: bits(word0, 35, 1) === 0,
    ignoresTop: bits(word0, 38, 1) === 1,
    hierarchical: !(bits(BigInt(IDR3), 2, 1) === 1 && bits(word1, 1, 1) === 1),
    recorded: bits(word0, 45, 1) === 1,
  };
}

function throughFirst(
  first: First,
  { address, write }: Transaction,
  tables: (ipa: bigint) => bigint | Refusal | Unsaid,
  read: ReadWord,
): bigint | Refusal | Unsaid {
  const refused = (why: Why): Refusal => ({ why, of: 'IN' });
  const above = first.ignoresTop ? address & ((1n << 56n) - 1n) : address;
  if (!first.walks || !isWithin(above, first.inputBits)) return refused('F_TRANSLATION');
  const virtual = address & ((1n << BigInt(first.inputBits)) - 1n);
  let { table } = first;
  let unprivileged = true;
  let writable = true;
  for (let level = 4 - Math.ceil((first.inputBits - PAGE) / STRIDE); level <= LAST_LEVEL; level++) {
    const shift = shiftOf(level);
    const place = tables(table + ((virtual >> BigInt(shift)) & 0x1ffn) * 8n);
    if (typeof place !== 'bigint') return place;
    const descriptor = read(place);
    if (descriptor === undefined) return UNSAID;
    const kind = kindOf(descriptor, level);
    if (kind === 'none') return refused('F_TRANSLATION');
    const output = field(descriptor, kind === 'table' ? PAGE : shift, 47);
    if (!isWithin(output, first.outputBits)) return refused('F_ADDR_SIZE');
    if (kind === 'table') {
      if (first.hierarchical) {
        unprivileged &&= bits(descriptor, 61, 1) === 0;
        writable &&= bits(descriptor, 62, 1) === 0;
      }
      table = output;
      continue;
    }
    if (first.accessFlag && bits(descriptor, 10, 1) === 0) return refused('F_ACCESS');
    const allowed = unprivileged && bits(descriptor, 6, 1) === 1;
    if (!allowed || (write && (!writable || bits(descriptor, 7, 1) === 1))) return refused('F_PERMISSION');
    return output | (virtual & ((1n << BigInt(shift)) - 1n));
  }
  return UNSAID;
}

/** Fields of STE doubleword 1 by which streams differ in more than where tables are: EATS, STRW, S1STALLD, PRIVCFG, INSTCFG. */
function isPlain([word0, word1]: readonly bigint[]): boolean {
  const rare = bits(word1, 25, 7) + bits(word1, 12, 1) + bits(word1, 17, 2) + bits(word1, 48, 4);
  return rare === 0 && bits(word0, 59, 5) === 0;
}

/**
 * What becomes of a transaction without a SubstreamID, by an SMMU with both stages that is on. STE and CD are read from one memory, and
 * the tables that these lead to from another: of an SMMU that has fetched the former earlier.
 */
export function ownWalk(
  start: Start,
  transaction: Transaction,
  read: ReadWord,
  tables: ReadWord = read,
): Ended | Unsaid {
  const oas = SIZES[bits(BigInt(start.idr.IDR5), 0, 3)] ?? 0;
  if (oas > 48 || bits(BigInt(start.idr.IDR0), 0, 2) !== 3) return UNSAID;
  const sidSize = bits(BigInt(start.idr.IDR1), 0, 6);
  const entry = streamEntry(start.table, sidSize, transaction.stream, read);
  if (entry === 'unreadable') return UNSAID;
  if (entry === 'none') return configurationEvent(transaction, TYPE.C_BAD_STREAMID);
  const [word0 = 0n] = entry;
  if ((word0 & 1n) === 0n) return configurationEvent(transaction, TYPE.C_BAD_STE);
  const config = bits(word0, 1, 3);
  if (config < 4) return 'silent';
  if (!isPlain(entry)) return UNSAID;
  const { address } = transaction;
  if (config === 4) return isWithin(address, oas) ? { address } : UNSAID;
  const second = (config & 2) === 0 ? null : secondOf(entry, oas);
  if (second === UNSAID) return UNSAID;
  const pointer = field(word0, 6, 51);
  const strays = config === 5 && !isWithin(pointer, oas);
  if (second === 'bad' || strays) return configurationEvent(transaction, TYPE.C_BAD_STE);
  return throughStages(
    start,
    transaction,
    (config & 1) === 0 ? null : pointer,
    second,
    { read, tables },
    oas,
  );
}

function throughStages(
  { idr }: Start,
  transaction: Transaction,
  pointer: bigint | null,
  second: Second | null,
  { read, tables }: { readonly read: ReadWord; readonly tables: ReadWord },
  oas: number,
): Ended | Unsaid {
  const under = (ipa: bigint, of: Class, write: boolean): bigint | Refusal | Unsaid =>
    second === null ? ipa : throughSecond(second, ipa, of, write, of === 'CD' ? read : tables);
  const ended = (found: Refusal, recorded: boolean): Ended =>
    recorded ? walkEvent(transaction, found) : 'silent';
  const recordsSecond = second?.recorded === true;
  if (pointer === null) {
    if (!isWithin(transaction.address, oas)) return UNSAID;
    const output = under(transaction.address, 'IN', transaction.write);
    if (output === UNSAID) return UNSAID;
    return typeof output === 'bigint' ? { address: output } : ended(output, recordsSecond);
  }
  const place = under(pointer, 'CD', false);
  if (place === UNSAID) return UNSAID;
  if (typeof place !== 'bigint') return isWithin(pointer, oas) ? ended(place, recordsSecond) : UNSAID;
  const context = words(read, place, 8);
  const first = context === null ? UNSAID : firstOf(context, idr, oas);
  if (first === UNSAID) return UNSAID;
  if (first === 'bad') return configurationEvent(transaction, TYPE.C_BAD_CD);
  const ipa = throughFirst(first, transaction, (table) => under(table, 'TT', false), tables);
  if (ipa === UNSAID) return UNSAID;
  if (typeof ipa !== 'bigint') return ended(ipa, ipa.ipa === undefined ? first.recorded : recordsSecond);
  const output = under(ipa, 'IN', transaction.write);
  if (output === UNSAID) return UNSAID;
  return typeof output === 'bigint' ? { address: output } : ended(output, recordsSecond);
}

/** The tags of what is cached of a stream's transactions: an ASID, negative where stage 1 has no say, and a VMID. */
export interface Tags {
  readonly asid: number;
  readonly vmid: number;
  /** What says where stage 2 is and how it is walked; null: it has no say. */
  readonly second: string | null;
}

/** By the STE and CD of a stream; null: it translates nothing, or what it does is not said here. */
export function ownTags(start: Start, stream: number, read: ReadWord): Tags | null {
  const sidSize = bits(BigInt(start.idr.IDR1), 0, 6);
  const entry = streamEntry(start.table, sidSize, stream, read);
  if (typeof entry === 'string') return null;
  const [word0, , word2, word3] = entry;
  const config = bits(word0, 1, 3);
  if (bits(word0, 0, 1) === 0 || config < 5) return null;
  const vmid = bits(word2, 0, 16);
  const text = config === 5 ? null : `${word2},${word3}`;
  if (config === 6) return { asid: -1, vmid, second: text };
  const second = config === 5 ? null : secondOf(entry, SIZES[bits(BigInt(start.idr.IDR5), 0, 3)] ?? 0);
  if (second === UNSAID || second === 'bad') return null;
  const pointer = field(word0, 6, 51);
  const place = second === null ? pointer : throughSecond(second, pointer, 'CD', false, read);
  const context = typeof place === 'bigint' ? words(read, place, 1) : null;
  return context === null ? null : { asid: bits(context[0], 48, 16), vmid, second: text };
}
