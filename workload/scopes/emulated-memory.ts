import type { GuestWords } from '../../model/platform/emulated.ts';
import { wordKey } from '../../model/smmu/emulated/emulated.ts';
import { encode } from '../../spec/bits.ts';
import { type Cd, cd } from '../../spec/smmuv3/cd.ts';
import { AddressSize } from '../../spec/smmuv3/ste.ts';

/*
 * The guest memory of scope `emulated`: where its tables are, and what is in them at boot. Everything lies in the first
 * 2 MiB, which stage 2 maps one to one; IPAs from 2 MiB on are mapped page by page.
 */

/** A linear stream table, and a two-level one with its level 2 arrays. */
export const STREAM_TABLE = 0x1_0000n;
export const L1_STREAM_TABLE = 0x1_8000n;
export const L2_ARRAYS = 0x2_0000n;

const CDS = 0x3_0000n;
const CD_BYTES = 64n;

/** Four levels for VAs below 2 MiB. The last is shared by both roots, so that ASIDs differ and pages do not. */
const STAGE1_ROOT = 0x4_0000n;
export const STAGE1_LEAVES = 0x4_3000n;

/** Two concatenated tables of level 1, then levels 2 and 3. */
export const STAGE2_ROOT = 0x5_0000n;
const STAGE2_LEVEL2 = 0x5_2000n;
export const STAGE2_LEAVES = 0x5_3000n;

/** The first IPA that stage 2 maps page by page. */
export const PAGES = 0x20_0000n;

/** Pages that are mapped at boot, in both stages. */
const MAPPED = 8;

const TABLE = 3n;
/** Page, AP[1], access flag. */
export const STAGE1_PAGE = 0x443n;
/** Page and block: Normal memory, access flag, S2AP. */
export const STAGE2_PAGE = 0x4ffn;
const STAGE2_BLOCK = 0x4fdn;

/** Where the CD of a number is. */
export function cdAt(number: number): bigint {
  return CDS + BigInt(number) * CD_BYTES;
}

/** The output sizes of the CDs: the larger is what the SMMU has. */
const IPS: readonly number[] = [AddressSize.Bits44, AddressSize.Bits36];

export const CD_COUNT = IPS.length;

/** The CD of a number, with some of its fields as they are given. */
export function contextWords(number: number, fields: Partial<Cd> = {}): readonly bigint[] {
  const context = { V: 1, AA64: 1, A: 1, R: 1, T0SZ: 16, EPD1: 1, TTB0: STAGE1_ROOT } as const;
  return encode(cd, { ...context, IPS: IPS[number] ?? 0, ASID: 1 + number, ...fields });
}

function bootWords(): Map<bigint, bigint> {
  const words = new Map<bigint, bigint>();
  for (let number = 0; number < CD_COUNT; number++)
    for (const [at, word] of contextWords(number).entries()) words.set(cdAt(number) + BigInt(8 * at), word);
  for (let level = 0n; level < 3n; level++)
    words.set(STAGE1_ROOT + level * 0x1000n, (STAGE1_ROOT + (level + 1n) * 0x1000n) | TABLE);
  words.set(STAGE2_ROOT, STAGE2_LEVEL2 | TABLE);
  words.set(STAGE2_LEVEL2, STAGE2_BLOCK);
  words.set(STAGE2_LEVEL2 + 8n, STAGE2_LEAVES | TABLE);
  for (let page = 0n; page < BigInt(MAPPED); page++) {
    const at = PAGES + page * 0x1000n;
    words.set(STAGE1_LEAVES + page * 8n, at | STAGE1_PAGE);
    words.set(STAGE2_LEAVES + page * 8n, (at + PAGES) | STAGE2_PAGE);
  }
  return words;
}

export const BOOT_MEMORY: GuestWords = Object.fromEntries(
  [...bootWords()].filter(([, word]) => word !== 0n).map(([address, word]) => [wordKey(address), word]),
);
