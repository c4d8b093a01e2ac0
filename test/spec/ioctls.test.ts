import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { ERRNO, errnoName } from '../../spec/errno.ts';
import { IOCTLS, type IoctlTable } from '../../spec/iommufd/ioctls.ts';
import { decodeStruct, encodeStruct, type StructField } from '../../spec/struct.ts';
import { VFIO_IOCTLS } from '../../spec/vfio/ioctls.ts';

const TABLES: readonly (readonly [string, IoctlTable])[] = [
  ...Object.entries<IoctlTable>(IOCTLS),
  ...Object.entries<IoctlTable>(VFIO_IOCTLS),
];

function arbitraryOf(field: StructField): fc.Arbitrary<number | bigint> {
  if (field.width === 8) return fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
  const bits = 8 * field.width;
  return 'signed' in field
    ? fc.integer({ min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 })
    : fc.integer({ min: 0, max: 2 ** bits - 1 });
}

describe('the table of ioctls', () => {
  it('has every iommufd number from 0x80 to 0x94 once', () => {
    const numbers = Object.values(IOCTLS).map((ioctl) => ioctl.nr);
    expect([...numbers].sort((a, b) => a - b)).toEqual(Array.from({ length: 0x15 }, (_, i) => 0x80 + i));
  });

  it.each(TABLES)('%s: fields are aligned, inside the struct, and do not overlap', (_name, table) => {
    const taken = new Set<number>();
    for (const field of Object.values(table.fields)) {
      expect(field.offset % field.width).toBe(0);
      expect(field.offset + field.width).toBeLessThanOrEqual(table.size);
      for (let byte = field.offset; byte < field.offset + field.width; byte++) {
        expect(taken.has(byte)).toBe(false);
        taken.add(byte);
      }
    }
    expect(table.minSize).toBeLessThanOrEqual(table.size);
  });

  it.each(TABLES)('%s: no byte of the struct is without a field', (name, table) => {
    const covered = Object.values(table.fields).reduce((sum, field) => sum + field.width, 0);
    expect(covered, name).toBe(table.size);
  });

  describe.each(TABLES)('%s', (_name, table) => {
    const record = fc.record(
      Object.fromEntries(Object.entries(table.fields).map(([name, field]) => [name, arbitraryOf(field)])),
    );
    test.prop([record])('encodes and decodes to the same fields', (values) => {
      expect(decodeStruct(table, encodeStruct(table, values))).toEqual(values);
    });

    test.prop([fc.uint8Array({ minLength: table.size, maxLength: table.size })])(
      'decodes and encodes to the same bytes',
      (bytes) => {
        expect(encodeStruct(table, decodeStruct(table, bytes))).toEqual(bytes);
      },
    );
  });

  test.prop([fc.nat(60)])("an older caller's shorter struct reads as zero where it ends", (length) => {
    const bytes = new Uint8Array(length).fill(0xff);
    const { faultId } = decodeStruct(IOCTLS.hwptAlloc, bytes.slice(0, 40));
    expect(faultId).toBe(0);
  });
});

describe('error numbers', () => {
  it.each(Object.entries(ERRNO))('%s is found by its number', (name, number) => {
    expect(errnoName(number)).toBe(name);
  });

  it('a number that these interfaces never give has no name', () => {
    expect(errnoName(4095)).toBeUndefined();
  });
});
