import type { GuestWords } from '../../model/platform/emulated.ts';
import { wordKey } from '../../model/platform/guest-memory.ts';
import { encode } from '../../spec/bits.ts';
import { type Cd, cd } from '../../spec/smmuv3/cd.ts';
import { AddressSize } from '../../spec/smmuv3/ste.ts';

/*
 * The guest memory of an emulated SMMUv3: where its tables are, and what is in them at boot. Everything lies in 2 MiB, which
 * stage 2 maps one to one; IPAs of the next 2 MiB are mapped page by page.
 */

const CD_BYTES = 64n;
const LARGE_PAGE = 0x20_0000n;

/** Pages that are mapped at boot, in both stages. */
const MAPPED = 8;

const TABLE = 3n;
/** Page, AP[1], access flag. */
export const STAGE1_PAGE = 0x443n;
/** Page and block: Normal memory, access flag, S2AP. */
export const STAGE2_PAGE = 0x4ffn;
const STAGE2_BLOCK = 0x4fdn;

/** The output sizes of the CDs: the larger is what the SMMU has. */
const IPS: readonly number[] = [AddressSize.Bits44, AddressSize.Bits36];

export const CD_COUNT = IPS.length;

/** Where the tables of a guest are, and which StreamIDs its devices have. */
export interface EmulatedLayout {
  /** A linear stream table, and a two-level one with its level 2 arrays. */
  readonly streamTable: bigint;
  readonly l1StreamTable: bigint;
  readonly l2Arrays: bigint;
  /** Four levels for VAs below 2 MiB. The last is shared by both roots, so that ASIDs differ and pages do not. */
  readonly stage1Root: bigint;
  readonly stage1Leaves: bigint;
  /** Two concatenated tables of level 1, then levels 2 and 3. */
  readonly stage2Root: bigint;
  readonly stage2Level2: bigint;
  readonly stage2Leaves: bigint;
  /** The first IPA that stage 2 maps page by page, and the first address that it maps those to. */
  readonly pages: bigint;
  readonly outputs: bigint;
  /** Where the first CD is. */
  readonly cds: bigint;
  /** The StreamIDs of devices; the first few are used the most. */
  readonly streams: readonly number[];
  /** Sizes that a stream table may have, as log2 of its StreamIDs; with the last it has two levels. */
  readonly tableSizes: readonly number[];
}

/** Few StreamIDs that a small table has, and some past its end. */
const STREAMS: readonly number[] = [0, 1, 2, 3, 4, 5, 16, 17, 64, 65, 200];

/** Small ones that begin at `firstStream` instead of 0, and the rest. */
function streamsFrom(firstStream: number): readonly number[] {
  return STREAMS.map((stream) => (stream < 8 ? firstStream + stream : stream));
}

/** Everything from a base on that is aligned to 2 MiB; `firstStream`: the StreamID of the first device, 0 or 8. */
export function layoutAt(base: bigint, firstStream: 0 | 8 = 0): EmulatedLayout {
  return {
    streamTable: base + 0x1_0000n,
    l1StreamTable: base + 0x1_8000n,
    l2Arrays: base + 0x2_0000n,
    cds: base + 0x3_0000n,
    stage1Root: base + 0x4_0000n,
    stage1Leaves: base + 0x4_3000n,
    stage2Root: base + 0x5_0000n,
    stage2Level2: base + 0x5_2000n,
    stage2Leaves: base + 0x5_3000n,
    pages: base + LARGE_PAGE,
    outputs: base + 2n * LARGE_PAGE,
    streams: streamsFrom(firstStream),
    tableSizes: firstStream === 0 ? [2, 3, 4, 4, 8] : [4, 4, 5, 5, 8],
  };
}

/** The layout of scope `emulated`. */
export const LAYOUT = layoutAt(0n);

/** Where the CD of a number is. */
export function cdAt({ cds }: EmulatedLayout, number: number): bigint {
  return cds + BigInt(number) * CD_BYTES;
}

/** The CD of a number, with some of its fields as they are given. */
export function contextWords(
  { stage1Root }: EmulatedLayout,
  number: number,
  fields: Partial<Cd> = {},
): readonly bigint[] {
  const context = { V: 1, AA64: 1, A: 1, R: 1, T0SZ: 16, EPD1: 1, TTB0: stage1Root } as const;
  return encode(cd, { ...context, IPS: IPS[number] ?? 0, ASID: 1 + number, ...fields });
}

/** The descriptor of an address in a table whose entries map 2^`shift` bytes each. */
function entryFor(table: bigint, address: bigint, shift: bigint): bigint {
  return table + ((address >> shift) & 0x1ffn) * 8n;
}

/** What is in memory at boot. */
export function bootMemory(layout: EmulatedLayout): GuestWords {
  const { stage1Root, stage1Leaves, stage2Root, stage2Level2, stage2Leaves, pages, outputs } = layout;
  const words = new Map<bigint, bigint>();
  for (let number = 0; number < CD_COUNT; number++)
    for (const [at, word] of contextWords(layout, number).entries())
      words.set(cdAt(layout, number) + BigInt(8 * at), word);
  for (let level = 0n; level < 3n; level++)
    words.set(stage1Root + level * 0x1000n, (stage1Root + (level + 1n) * 0x1000n) | TABLE);
  const base = pages - LARGE_PAGE;
  words.set(entryFor(stage2Root, base, 30n), stage2Level2 | TABLE);
  words.set(entryFor(stage2Level2, base, 21n), base | STAGE2_BLOCK);
  words.set(entryFor(stage2Level2, pages, 21n), stage2Leaves | TABLE);
  for (let page = 0n; page < BigInt(MAPPED); page++) {
    words.set(stage1Leaves + page * 8n, (pages + page * 0x1000n) | STAGE1_PAGE);
    words.set(stage2Leaves + page * 8n, (outputs + page * 0x1000n) | STAGE2_PAGE);
  }
  const set = [...words].filter(([, word]) => word !== 0n);
  return Object.fromEntries(set.map(([address, word]) => [wordKey(address), word]));
}
