import { describe, expect, it } from 'vitest';
import { type Ended, ownWalk, type Start } from '../../../properties/emulated/own-walk.ts';

/* Words are written by hand, from IHI0070 and VMSAv8-64. */

const STREAM = 3;
const TABLE = 0x1_0000n;
const CD = 0x3_0000n;
const ROOT = 0x4_0000n;
const STAGE_2 = 0x5_0000n;
const VA = 0x1234n;
const PAGE = 0x20_0000n;
const OUTPUT = 0x40_0000n;

/** Both stages, StreamIDs of 16 bits, output addresses of 44. */
const START: Start = {
  idr: { IDR0: 0b11, IDR1: 16, IDR3: 0, IDR5: 0b100 },
  table: { base: TABLE, log2Size: 4, split: null },
};

const V = 1n;
/** AArch64, A and R, EPD1, 48-bit VAs (T0SZ 16), IPS 44 bits. */
const CONTEXT = (1n << 31n) | (1n << 41n) | (1n << 46n) | (1n << 45n) | (1n << 30n) | (4n << 32n) | 16n;
/** S2AA64, S2R, S2PS 44 bits, SL0 1, T0SZ 24: 40-bit IPAs from level 1. */
const SECOND = (1n << 51n) | (1n << 58n) | (4n << 48n) | (1n << 38n) | (24n << 32n);
/** A page that may be read and written without privilege: AF and AP[1], or S2AP. */
const LEAF_1 = 0x443n;
const LEAF_2 = 0x4c3n;

function memory(config: bigint, changes: readonly (readonly [bigint, bigint])[] = []): Map<bigint, bigint> {
  const entry = TABLE + 64n * BigInt(STREAM);
  const words = new Map<bigint, bigint>([
    [entry, V | (config << 1n) | CD],
    [entry + 16n, (config & 2n) === 0n ? 0n : SECOND],
    [entry + 24n, (config & 2n) === 0n ? 0n : STAGE_2],
    [CD, CONTEXT],
    [CD + 8n, ROOT],
    // Four levels of stage 1, each table behind the other.
    [ROOT, (ROOT + 0x1000n) | 3n],
    [ROOT + 0x1000n, (ROOT + 0x2000n) | 3n],
    [ROOT + 0x2000n, (ROOT + 0x3000n) | 3n],
    [ROOT + 0x3000n + 8n, PAGE | LEAF_1],
    // Stage 2: the tables of stage 1 one to one by a block of 2 MiB, and the page behind it to its place.
    [STAGE_2, (STAGE_2 + 0x4000n) | 3n],
    [STAGE_2 + 0x4000n, 0x4c1n],
    [STAGE_2 + 0x4000n + 8n, (STAGE_2 + 0x5000n) | 3n],
    [STAGE_2 + 0x5000n, OUTPUT | LEAF_2],
  ]);
  for (const [address, word] of changes) words.set(address, word);
  return words;
}

function walk(words: ReadonlyMap<bigint, bigint>, write = false): Ended | 'unsaid' {
  return ownWalk(START, { stream: STREAM, address: VA, write }, (address) => words.get(address) ?? 0n);
}

const event = (type: bigint, reason: bigint, input = VA, ipa = 0n): Ended => ({
  event: [type | (BigInt(STREAM) << 32n), reason, input, ipa],
});

const READ = 1n << 35n;
const S2 = 1n << 39n;
const IN = 2n << 40n;
const TT = 1n << 40n;

describe('a second reading of the architecture', () => {
  it('aborts, bypasses and translates as STE.Config says', () => {
    expect(walk(memory(0n))).toBe('silent');
    expect(walk(memory(4n))).toEqual({ address: VA });
    expect(walk(memory(5n))).toEqual({ address: PAGE | 0x234n });
    expect(walk(memory(7n))).toEqual({ address: OUTPUT | 0x234n });
  });

  it('finds an entry that is not there, or not valid', () => {
    const beyond = { ...START, table: { ...START.table, log2Size: 1 } };
    const access = { stream: STREAM, address: VA, write: false };
    expect(ownWalk(beyond, access, () => 0n)).toEqual(event(0x02n, 0n, 0n));
    expect(walk(memory(4n, [[TABLE + 64n * BigInt(STREAM), 0n]]))).toEqual(event(0x04n, 0n, 0n));
    expect(walk(memory(5n, [[CD, CONTEXT & ~(1n << 31n)]]))).toEqual(event(0x0an, 0n, 0n));
  });

  it('refuses in stage 1 what a descriptor does not allow', () => {
    const leaf = ROOT + 0x3008n;
    expect(walk(memory(5n, [[leaf, 0n]]))).toEqual(event(0x10n, READ | IN));
    expect(walk(memory(5n, [[leaf, (1n << 45n) | LEAF_1]]))).toEqual(event(0x11n, READ | IN));
    expect(walk(memory(5n, [[leaf, PAGE | (LEAF_1 & ~0x400n)]]))).toEqual(event(0x12n, READ | IN));
    expect(walk(memory(5n, [[leaf, PAGE | LEAF_1 | 0x80n]]), true)).toEqual(event(0x13n, IN));
    expect(walk(memory(5n, [[ROOT, (ROOT + 0x1000n) | 3n | (1n << 61n)]]))).toEqual(event(0x13n, READ | IN));
    // CD.R = 0
    expect(
      walk(
        memory(5n, [
          [leaf, 0n],
          [CD, CONTEXT & ~(1n << 45n)],
        ]),
      ),
    ).toBe('silent');
  });

  it('refuses in stage 2 the input, and the tables of stage 1', () => {
    const leaf = STAGE_2 + 0x5000n;
    expect(walk(memory(7n, [[leaf, 0n]]))).toEqual(event(0x10n, READ | S2 | IN, VA, PAGE));
    expect(walk(memory(7n, [[leaf, OUTPUT | (LEAF_2 & ~0x80n)]]), true)).toEqual(
      event(0x13n, S2 | IN, VA, PAGE),
    );
    const far = PAGE + 0x7000n;
    expect(walk(memory(7n, [[ROOT + 0x2000n, far | 3n]]))).toEqual(event(0x10n, READ | S2 | TT, VA, far));
  });
});
