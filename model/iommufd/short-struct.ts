import type { StructField, StructTable } from '../../spec/struct.ts';

/** The fields that a caller gives, listed once a table: short structs are on the hot path. */
const GIVEN = new WeakMap<StructTable, readonly (readonly [string, StructField])[]>();

function givenOf(table: StructTable): readonly (readonly [string, StructField])[] {
  let given = GIVEN.get(table);
  if (given === undefined) {
    given = Object.entries(table.fields).filter(([, { direction }]) => direction !== 'out');
    GIVEN.set(table, given);
  }
  return given;
}

/**
 * The arguments of a struct that is shorter than the kernel's: what lies behind its end is zero (copy_struct_from_user(),
 * rule R-8), and of a field that its end cuts the low bytes are there.
 */
export function withinSize<A extends { readonly size: number }>(table: StructTable, args: A): A {
  if (args.size >= table.size) return args;
  const cut: Record<string, unknown> = { ...args };
  for (const [field, layout] of givenOf(table)) {
    const bits = 8 * (args.size - layout.offset);
    if (bits >= 8 * layout.width) continue;
    const value = cut[field];
    if ('buffer' in layout) cut[field] = bits <= 0 ? 'null' : 'unmapped';
    else if (typeof value === 'bigint') cut[field] = bits <= 0 ? 0n : BigInt.asUintN(bits, value);
    else if (typeof value === 'number')
      cut[field] = bits <= 0 ? 0 : Number(BigInt.asUintN(bits, BigInt(value)));
  }
  return cut as A;
}
