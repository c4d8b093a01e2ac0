import { fc, test } from '@fast-check/vitest';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { decode, encode, layout, maskOf, nameOfValue, update } from '../../spec/bits.ts';

const sample = layout('sample', 2, {
  low: { word: 0, lsb: 0, width: 32, values: { zero: 0, top: 0xffff_ffff } },
  high: { word: 0, lsb: 60, width: 4 },
  pointer: { word: 1, lsb: 4, width: 48, address: true },
  across: { word: 0, lsb: 33, width: 27 },
  flag: { word: 1, lsb: 63, width: 1 },
});

describe('a bit-field layout', () => {
  it('gives narrow fields as numbers and addresses as bigints', () => {
    expectTypeOf(decode(sample, [])).toEqualTypeOf<{
      readonly low: number;
      readonly high: number;
      readonly pointer: bigint;
      readonly across: number;
      readonly flag: number;
    }>();
  });

  it('gives fields of more than 32 bits as bigints', () => {
    const wide = layout('wide', 1, {
      whole: { word: 0, lsb: 0, width: 33 },
      rest: { word: 0, lsb: 33, width: 31 },
    });
    const record = decode(wide, [0xffff_ffff_0000_0001n]);
    expectTypeOf(record.whole).toEqualTypeOf<bigint>();
    expect(record).toEqual({ whole: 0x1_0000_0001n, rest: 0x7fff_ffff });
  });

  it('keeps the bit positions of an address', () => {
    expect(decode(sample, [0n, 0x8000_1234_5678_9abcn])).toMatchObject({
      pointer: 0x1234_5678_9ab0n,
      flag: 1,
    });
  });

  it('reads missing words as zero', () => {
    expect(decode(sample, [])).toEqual({ low: 0, high: 0, pointer: 0n, across: 0, flag: 0 });
  });

  it('leaves reserved bits zero when encoding and untouched when updating', () => {
    expect(encode(sample, { flag: 1 })).toEqual([0n, 1n << 63n]);
    expect(update(sample, [0n, 0xfn], { flag: 1 })).toEqual([0n, (1n << 63n) | 0xfn]);
  });

  it('names the bits of some fields or of all', () => {
    expect(maskOf(sample, ['high', 'flag'])).toEqual([0xf000_0000_0000_0000n, 1n << 63n]);
    expect(maskOf(sample)).toEqual([0xffff_fffe_ffff_ffffn, 0x800f_ffff_ffff_fff0n]);
  });

  it('knows the names of values', () => {
    expect(nameOfValue(sample.fields.low, 0xffff_ffff)).toBe('top');
    expect(nameOfValue(sample.fields.low, 7)).toBeUndefined();
    expect(nameOfValue(sample.fields.flag, 1)).toBeUndefined();
  });

  it.each([
    ['a value too large for its field', { high: 16 }],
    ['a negative value', { high: -1 }],
    ['an address with bits below the field', { pointer: 8n }],
  ])('refuses to encode %s', (_, record) => {
    expect(() => encode(sample, record)).toThrow(RangeError);
  });

  it.each([
    ['overlap', { a: { word: 0, lsb: 0, width: 4 }, b: { word: 0, lsb: 3, width: 1 } }],
    ['lie in a word that is not there', { a: { word: 1, lsb: 0, width: 4 } }],
    ['leave their word', { a: { word: 0, lsb: 60, width: 5 } }],
  ])('refuses fields that %s', (_, fields) => {
    expect(() => layout('bad', 1, fields)).toThrow(RangeError);
  });

  test.prop([fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), fc.nat({ max: 15 })])(
    'changes only the named field of any word',
    (word, high) => {
      const [updated = 0n] = update(sample, [word, 0n], { high });
      expect(updated).toBe((word & 0x0fff_ffff_ffff_ffffn) | (BigInt(high) << 60n));
    },
  );
});
