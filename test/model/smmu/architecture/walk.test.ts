import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { dataAccess } from '../../../../model/smmu/architecture/access.ts';
import { implementationOf } from '../../../../model/smmu/architecture/implementation.ts';
import { translateThroughSte } from '../../../../model/smmu/architecture/translate.ts';
import { encode } from '../../../../spec/bits.ts';
import { type GranuleShift, levelShift, strideOf } from '../../../../spec/smmuv3/address.ts';
import { cd, GranuleTtb1 } from '../../../../spec/smmuv3/cd.ts';
import { AddressSize, Granule, SteConfig, ste } from '../../../../spec/smmuv3/ste.ts';
import { CD, describeOutcome, REGISTERS, SID } from '../machine.ts';
import { map, tablesAt } from '../tables.ts';

const implementation = implementationOf({ ...REGISTERS, IDR5: 0x75 });

const GRANULE: Readonly<Record<GranuleShift, keyof typeof Granule>> = {
  12: 'Size4K',
  14: 'Size16K',
  16: 'Size64K',
};

/** A stage's tables: granule, input size, and the level at which the walk starts. */
interface Geometry {
  readonly granule: GranuleShift;
  readonly inputBits: number;
  readonly startLevel: number;
}

const granule = fc.constantFrom<GranuleShift>(12, 14, 16);

/** Stage 1 starts where its input size says. */
const stage1Geometry: fc.Arbitrary<Geometry> = fc
  .record({ granule, inputBits: fc.integer({ min: 25, max: 48 }) })
  .map(({ granule: shift, inputBits }) => ({
    granule: shift,
    inputBits,
    startLevel: 4 - Math.ceil((inputBits - shift) / strideOf(shift)),
  }));

/** Stage 2 starts where S2SL0 says, with up to 16 concatenated tables. 38 bits hold all that the tests put there. */
const stage2Geometry: fc.Arbitrary<Geometry> = fc
  .record({
    granule,
    inputBits: fc.integer({ min: 38, max: 48 }),
    startLevel: fc.integer({ min: 0, max: 3 }),
  })
  .filter(({ granule: shift, inputBits, startLevel }) => {
    const firstBits = inputBits - levelShift(shift, startLevel);
    const reserved = startLevel === 0 && shift !== 12;
    return !reserved && firstBits >= 1 && firstBits <= strideOf(shift) + 4;
  });

/** A page: where stage 1 sees it, and what of the address lies below any page. */
interface Page {
  readonly bits: bigint;
  readonly offset: bigint;
}

const pages = fc.uniqueArray(
  fc.record({
    bits: fc.bigInt({ min: 0n, max: (1n << 48n) - 1n }),
    offset: fc.bigInt({ min: 0n, max: 0xfffn }),
  }),
  { minLength: 1, maxLength: 5, selector: ({ bits }) => bits >> 16n },
);

const GUEST_TABLES = 0x1_0000_0000n;
const GUEST_PAGES = 0x20_0000_0000n;
const DISTANCE = 0x8000_0000n;
const STAGE2_TABLES = 0x200_0000_0000n;
const LARGEST_PAGE = 0x10000n;

/** The two stages, and the pages that both map, built as words in memory. */
function build(first: Geometry, second: Geometry, mapped: readonly Page[], upper: boolean) {
  const memory = new Map<bigint, bigint>();
  const physical = (ipa: bigint) => ipa + DISTANCE;
  const guest = tablesAt(GUEST_TABLES + LARGEST_PAGE, first.startLevel, { granule: first.granule, physical });
  const host = { ...tablesAt(STAGE2_TABLES, second.startLevel, { granule: second.granule }) };
  // Room for sixteen concatenated tables.
  host.free = STAGE2_TABLES + 0x10_0000n;
  const mapIpa = (ipa: bigint) => map(memory, host, ipa, physical(ipa) | 0x4ffn);

  const range = (1n << BigInt(first.inputBits)) - 1n;
  const high = upper ? ((1n << 64n) - 1n) & ~range : 0n;
  const placed = mapped.map(({ bits, offset }, index) => {
    const va = bits & range & ~(LARGEST_PAGE - 1n);
    const ipa = GUEST_PAGES + BigInt(index) * LARGEST_PAGE;
    map(memory, guest, va, ipa | 0x443n);
    mapIpa(ipa);
    return { iova: high | va | offset, pa: physical(ipa) | offset, va };
  });
  // The CD, then the tables of stage 1, page by page of stage 2.
  const step = 1n << BigInt(second.granule);
  for (let ipa = GUEST_TABLES; ipa < guest.free; ipa += step) mapIpa(ipa);

  const fields = upper
    ? {
        EPD0: 1,
        EPD1: 0,
        T1SZ: 64 - first.inputBits,
        TG1: GranuleTtb1[GRANULE[first.granule]],
        TTB1: guest.root,
      }
    : { EPD1: 1, T0SZ: 64 - first.inputBits, TG0: Granule[GRANULE[first.granule]], TTB0: guest.root };
  encode(cd, { ...CD, IPS: AddressSize.Bits48, ...fields }).forEach((word, index) => {
    memory.set(physical(GUEST_TABLES) + BigInt(index * 8), word);
  });
  const words = encode(ste, {
    V: 1,
    Config: SteConfig.Nested,
    S1ContextPtr: GUEST_TABLES,
    S2T0SZ: 64 - second.inputBits,
    S2SL0: (second.granule === 12 ? 2 : 3) - second.startLevel,
    S2TG: Granule[GRANULE[second.granule]],
    S2PS: AddressSize.Bits48,
    S2AA64: 1,
    S2TTB: STAGE2_TABLES,
    S2R: 1,
  });
  const translate = (iova: bigint) =>
    describeOutcome(
      translateThroughSte(
        words,
        dataAccess(SID, iova, 'read'),
        implementation,
        (address) => memory.get(address) ?? 0n,
      ),
    );
  return { placed, translate, high };
}

describe('a walk of tables of any geometry', () => {
  test.prop([stage1Geometry, stage2Geometry, pages, fc.boolean()])(
    'finds what both stages map, and nothing else',
    (first, second, mapped, upper) => {
      const { placed, translate, high } = build(first, second, mapped, upper);
      // A later page may have taken the place of an earlier one.
      const last = new Map(placed.map((page) => [page.va, page]));
      for (const { iova, pa } of last.values()) expect(translate(iova)).toBe(`PA 0x${pa.toString(16)}`);
      const range = 1n << BigInt(first.inputBits);
      let unmapped = 0n;
      while (last.has(unmapped)) unmapped += LARGEST_PAGE;
      const fault = 'F_TRANSLATION S2=0 CLASS=IN RnW=1 w3=0x0';
      if (unmapped < range) expect(translate(high | unmapped)).toBe(fault);
      expect(translate(high ^ range)).toBe(fault);
    },
  );
});

const word = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });

describe('any words at all', () => {
  test.prop([fc.array(word, { minLength: 8, maxLength: 8 }), fc.infiniteStream(word), word, fc.boolean()])(
    'as STE, CD and tables give an outcome',
    (steWords, stream, address, valid) => {
      const memory = new Map<bigint, bigint>();
      const read = (at: bigint) => {
        const known = memory.get(at);
        if (known !== undefined) return known;
        const { value = 0n } = stream.next();
        memory.set(at, value);
        return value % 7n === 0n ? undefined : value;
      };
      const first = valid ? (steWords[0] ?? 0n) | 0b1001n : (steWords[0] ?? 0n);
      const outcome = translateThroughSte(
        [first, ...steWords.slice(1)],
        dataAccess(SID, address, 'write'),
        implementation,
        read,
      );
      expect(['translated', 'fault', 'silent', 'unmodelled']).toContain(outcome.kind);
      expect(describeOutcome(outcome)).not.toContain('undefined');
    },
  );

  test.prop([fc.infiniteStream(word), word, fc.constantFrom(5, 6, 7), fc.integer({ min: 0, max: 0x7f })])(
    'as CD and tables of a valid STE give an outcome',
    (stream, address, config, fields) => {
      const read = (): bigint => {
        const { value = 0n } = stream.next();
        // Valid descriptors, and CDs that are AArch64 and may be walked, lead deeper.
        return value | 0x0000_6200_8000_0443n;
      };
      const words = encode(ste, {
        V: 1,
        Config: config,
        S1ContextPtr: 0x1000n,
        S2T0SZ: 24,
        S2SL0: 1,
        S2PS: 5,
        S2AA64: 1,
        S2R: fields & 1,
        S2AFFD: (fields >> 1) & 1,
        S2PTW: (fields >> 2) & 1,
      });
      const outcome = translateThroughSte(words, dataAccess(SID, address, 'read'), implementation, read);
      expect(['translated', 'fault', 'silent', 'unmodelled']).toContain(outcome.kind);
    },
  );
});
