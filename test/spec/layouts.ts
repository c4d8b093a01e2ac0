import fc from 'fast-check';
import type { Layout, RecordOf } from '../../spec/bits.ts';

/** Random words of a layout. */
export function arbitraryWords(of: Layout): fc.Arbitrary<bigint[]> {
  return fc.array(fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), {
    minLength: of.words,
    maxLength: of.words,
  });
}

/** Random records of a layout: every field takes any value that it can hold. */
export function arbitraryRecord<Of extends Layout>(of: Of): fc.Arbitrary<RecordOf<Of>> {
  const fields = Object.fromEntries(
    Object.entries(of.fields).map(([name, field]) => {
      const largest = (1n << BigInt(field.width)) - 1n;
      const value = fc.bigInt({ min: 0n, max: largest });
      if (field.address === true) return [name, value.map((bits) => bits << BigInt(field.lsb))];
      return [name, field.width <= 32 ? value.map(Number) : value];
    }),
  );
  // The record has one arbitrary of the right type for each field of the layout.
  return fc.record(fields) as unknown as fc.Arbitrary<RecordOf<Of>>;
}
