/**
 * C structs as declarative tables: every field has a byte offset and a width, and encoding, decoding and the
 * TypeScript type of the arguments all come from that one table.
 */

import type { HandleKind, HandleOf, Names, WordsFormat } from './command/handle.ts';

/** Who writes a field: the caller, the kernel, or both. */
export type Direction = 'in' | 'out' | 'inout';

/** What a field stands for, beyond its bytes. */
interface Meaning {
  /** The object or descriptor that the caller names. */
  readonly handle?: HandleOf;
  /** What the call made: its number is here. */
  readonly makes?: HandleKind;
  /** The header's names for bits. */
  readonly flags?: Names;
  /** The header's names for values. */
  readonly values?: Names;
  readonly unit?: string;
}

/** One integer field, little-endian. Fields of eight bytes are bigints, narrower ones numbers. */
export interface IntegerField extends Meaning {
  readonly offset: number;
  readonly width: 1 | 2 | 4 | 8;
  readonly direction: Direction;
  /** Two's complement (a file descriptor of -1). */
  readonly signed?: true;
  /** "Must be 0" in the interface's documentation. */
  readonly reserved?: true;
}

/** Eight bytes that hold a user-space address; what it points at is carried beside the struct. */
export interface PointerField {
  readonly offset: number;
  readonly width: 8;
  readonly direction: 'in';
  /** What is behind the pointer is read by the kernel (`in`), written by it (`out`) or both. */
  readonly buffer: Direction;
  /** What the words there are; with `where`, only if another field has this value. */
  readonly holds?: WordsFormat;
  readonly where?: { readonly argument: string; readonly is: number };
}

export type StructField = IntegerField | PointerField;

export interface StructTable {
  /** The name in the interface's header. */
  readonly struct: string;
  /** Size in bytes as the kernel knows it. */
  readonly size: number;
  /** The least size that a caller may give: up to and with the last field of the first version of the struct. */
  readonly minSize: number;
  readonly fields: Readonly<Record<string, StructField>>;
}

/** What a pointer argument points at: a buffer that is there, nothing, or an address that is not mapped. */
export type Pointer = 'buffer' | 'null' | 'unmapped';

/** The value type of a field. */
export type FieldValue<F extends StructField> = F extends { readonly buffer: Direction }
  ? Pointer
  : F['width'] extends 8
    ? bigint
    : number;

type Keys<T extends StructTable, D extends Direction> = {
  [K in keyof T['fields']]: T['fields'][K]['direction'] extends D ? K : never;
}[keyof T['fields']];

/** The fields that a caller fills in. */
export type InFields<T extends StructTable> = {
  readonly [K in Keys<T, 'in' | 'inout'>]: FieldValue<T['fields'][K]>;
};

/** The fields that the kernel fills in. */
export type OutFields<T extends StructTable> = {
  readonly [K in Keys<T, 'out' | 'inout'>]: FieldValue<T['fields'][K]>;
};

export const u8 = <const O extends number>(offset: O) => ({ offset, width: 1, direction: 'in' }) as const;
export const u16 = <const O extends number>(offset: O) => ({ offset, width: 2, direction: 'in' }) as const;
export const u32 = <const O extends number>(offset: O) => ({ offset, width: 4, direction: 'in' }) as const;
export const s32 = <const O extends number>(offset: O) =>
  ({ offset, width: 4, direction: 'in', signed: true }) as const;
export const u64 = <const O extends number>(offset: O) => ({ offset, width: 8, direction: 'in' }) as const;
export const pointer = <const O extends number, const B extends Direction>(offset: O, buffer: B) =>
  ({ offset, width: 8, direction: 'in', buffer }) as const;
/** The same field, written by somebody else. A plain spread of `F` would have both directions, and so be `never`. */
type Directed<F extends IntegerField, D extends Direction> = Omit<F, 'direction'> & { readonly direction: D };
export const out = <const F extends IntegerField>(field: F): Directed<F, 'out'> => ({
  ...field,
  direction: 'out',
});
export const inout = <const F extends IntegerField>(field: F): Directed<F, 'inout'> => ({
  ...field,
  direction: 'inout',
});
export const reserved = <const F extends IntegerField>(field: F) => ({ ...field, reserved: true }) as const;

/** The caller names an object or a descriptor. */
export const names = <const F extends IntegerField>(handle: HandleOf, field: F): F => ({ ...field, handle });
/** The kernel tells the number of what it made. */
export const makes = <const F extends IntegerField>(kind: HandleKind, field: F): F => ({
  ...field,
  makes: kind,
});
/** The bits of the field have names. */
export const flags = <const F extends IntegerField>(bits: Names, field: F): F => ({ ...field, flags: bits });
/** The values of the field have names. */
export const values = <const F extends IntegerField>(known: Names, field: F): F => ({
  ...field,
  values: known,
});
export const bytes = <const F extends IntegerField>(field: F): F => ({ ...field, unit: 'bytes' });
/** What is behind a pointer has a layout. */
export const holding = <const F extends PointerField>(
  holds: WordsFormat,
  field: F,
  where?: PointerField['where'],
): F => ({ ...field, holds, ...(where === undefined ? {} : { where }) });

/** Reads one integer field; bytes past the end read as zero (an older caller's shorter struct). */
export function readField(bytes: Uint8Array, field: StructField): number | bigint {
  let value = 0n;
  for (let i = field.width - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[field.offset + i] ?? 0);
  if (field.width === 8) return value;
  return 'signed' in field ? Number(BigInt.asIntN(8 * field.width, value)) : Number(value);
}

/** Writes one integer field in place; what lies past the end of the caller's struct is not written. */
export function writeField(bytes: Uint8Array, field: StructField, value: number | bigint): void {
  let rest = BigInt.asUintN(8 * field.width, BigInt(value));
  for (let i = 0; i < field.width && field.offset + i < bytes.length; i++) {
    bytes[field.offset + i] = Number(rest & 0xffn);
    rest >>= 8n;
  }
}

/** All integer fields of a struct by name; pointers are left to the caller, who knows what they point at. */
export function decodeStruct(table: StructTable, bytes: Uint8Array): Record<string, number | bigint> {
  const values: Record<string, number | bigint> = {};
  for (const [name, field] of Object.entries(table.fields)) values[name] = readField(bytes, field);
  return values;
}

/** The bytes of a struct with the given fields; absent ones are zero. */
export function encodeStruct(
  table: StructTable,
  values: Readonly<Record<string, number | bigint | undefined>>,
  size: number = table.size,
): Uint8Array {
  const bytes = new Uint8Array(size);
  for (const [name, field] of Object.entries(table.fields)) {
    const value = values[name];
    if (value !== undefined) writeField(bytes, field, value);
  }
  return bytes;
}
