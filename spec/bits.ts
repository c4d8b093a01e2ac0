/**
 * Declarative bit-field layouts over 64-bit words, and their generic codec.
 *
 * A layout is a table that says where each field lies; `decode` turns words into a typed record and `encode` turns
 * a record back into words. Fields of at most 32 bits are numbers, wider ones and addresses are bigints.
 */

/** Where one field lies: `width` bits from bit `lsb` of 64-bit word `word`. A field never crosses a word. */
export interface BitField {
  readonly word: number;
  readonly lsb: number;
  readonly width: number;
  /** The field holds the upper bits of an address: its value keeps its bit positions (`TTB0[51:4]`, low bits zero). */
  readonly address?: true;
  /** The architecture's names for the field's values; values not named are reserved. */
  readonly values?: Readonly<Record<string, number>>;
  readonly doc?: string;
}

export type BitFields = Readonly<Record<string, BitField>>;

/** A structure of `words` 64-bit words and its fields. Bits that no field covers are reserved and encode as zero. */
export interface Layout<Fields extends BitFields = BitFields> {
  readonly name: string;
  readonly words: number;
  readonly fields: Fields;
  /** The fields as the codec reads them, in the table's order. */
  readonly plan: readonly FieldPlan[];
}

type Digit = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9;
type UpTo32 = Exclude<Digit, 0> | `1${Digit}` | `2${Digit}` | '30' | '31' | '32';
type IsNarrow<Width extends number> = `${Width}` extends `${UpTo32}` ? true : false;

export type FieldValue<Field extends BitField> = Field extends { readonly address: true }
  ? bigint
  : IsNarrow<Field['width']> extends true
    ? number
    : bigint;

/** The typed record of a layout: one property per field. */
export type RecordOf<Of extends Layout> = {
  readonly [Name in keyof Of['fields']]: FieldValue<Of['fields'][Name]>;
};

interface FieldPlan {
  readonly name: string;
  readonly word: number;
  readonly lsb: number;
  readonly width: number;
  readonly kind: 'low' | 'high' | 'wide' | 'address';
  /** Bits of the word that the field covers. */
  readonly mask: bigint;
  /** Where in the word a value goes. */
  readonly shift: bigint;
}

const WORD_BITS = 64;
const HALF_BITS = 32;
/** Words of the largest structure. */
const MOST_WORDS = 64;

function planOf(name: string, { word, lsb, width, address }: BitField): FieldPlan {
  const mask = ((1n << BigInt(width)) - 1n) << BigInt(lsb);
  if (address === true) return { name, word, lsb, width, kind: 'address', mask, shift: 0n };
  const shift = BigInt(lsb);
  if (lsb + width <= HALF_BITS) return { name, word, lsb, width, kind: 'low', mask, shift };
  if (lsb >= HALF_BITS) return { name, word, lsb: lsb - HALF_BITS, width, kind: 'high', mask, shift };
  return { name, word, lsb, width, kind: 'wide', mask, shift };
}

/**
 * Makes a layout of `words` 64-bit words from a table of fields.
 * @throws RangeError if two fields overlap or a field leaves the structure: a mistake in the table.
 */
export function layout<const Fields extends BitFields>(
  name: string,
  words: number,
  fields: Fields,
): Layout<Fields> {
  if (words > MOST_WORDS) throw new RangeError(`${name} is of more than ${MOST_WORDS} words`);
  const covered = new Array<bigint>(words).fill(0n);
  const plan = Object.entries(fields).map(([fieldName, field]) => planOf(fieldName, field));
  for (const { name: fieldName, word, mask } of plan) {
    const before = covered[word];
    if (before === undefined || mask >> BigInt(WORD_BITS) !== 0n || (before & mask) !== 0n) {
      throw new RangeError(`${name}.${fieldName} overlaps another field or lies outside ${words} words`);
    }
    covered[word] = before | mask;
  }
  return { name, words, fields, plan };
}

/** Reads every field of `of` from `words` (64-bit little-endian words, lowest first); a missing word reads as zero. */
export function decode<Of extends Layout>(of: Of, words: readonly bigint[]): RecordOf<Of> {
  for (let word = 0; word < of.words; word++) WHOLE[word] = words[word] ?? 0n;
  const record: Record<string, number | bigint> = {};
  for (const field of of.plan) record[field.name] = readField(field, words);
  // The plan has exactly the layout's fields, and `readField` gives each the type that `FieldValue` names.
  return record as RecordOf<Of>;
}

/** The words that are just being read, and their halves: so they are had as numbers without a bigint for each. */
const WHOLE = new BigUint64Array(MOST_WORDS);
const HALVES = new Uint32Array(WHOLE.buffer);
/** Which half of a word comes first on this machine. */
const LOW_AT = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 0 : 1;

function readField(field: FieldPlan, words: readonly bigint[]): number | bigint {
  const half = HALVES[field.word * 2 + (field.kind === 'high' ? 1 - LOW_AT : LOW_AT)] ?? 0;
  switch (field.kind) {
    case 'low':
    case 'high':
      return field.width === HALF_BITS ? half >>> 0 : (half >>> field.lsb) & ((1 << field.width) - 1);
    case 'address':
      return (words[field.word] ?? 0n) & field.mask;
    case 'wide': {
      const value = ((words[field.word] ?? 0n) & field.mask) >> BigInt(field.lsb);
      return field.width <= HALF_BITS ? Number(value) : value;
    }
  }
}

/**
 * Writes a record as words; fields left out are zero.
 * @throws RangeError if a value does not fit its field: a mistake of the caller, never of data read with `decode`.
 */
export function encode<Of extends Layout>(of: Of, record: Partial<RecordOf<Of>>): bigint[] {
  return write(of, new Array<bigint>(of.words).fill(0n), record);
}

/**
 * `words` with the fields named in `changes` replaced and every other bit, reserved ones too, kept.
 * @throws RangeError as `encode`.
 */
export function update<Of extends Layout>(
  of: Of,
  words: readonly bigint[],
  changes: Partial<RecordOf<Of>>,
): bigint[] {
  return write(
    of,
    Array.from({ length: of.words }, (_, word) => words[word] ?? 0n),
    changes,
  );
}

function write<Of extends Layout>(of: Of, words: bigint[], record: Partial<RecordOf<Of>>): bigint[] {
  const values = record as Readonly<Record<string, number | bigint | undefined>>;
  for (const field of of.plan) {
    const value = values[field.name];
    if (value === undefined) continue;
    const old = words[field.word] ?? 0n;
    if (old === 0n && (value === 0 || value === 0n)) continue;
    const bits = BigInt(value) << field.shift;
    if ((bits & ~field.mask) !== 0n) throw new RangeError(`${of.name}.${field.name} cannot hold ${value}`);
    words[field.word] = (old & ~field.mask) | bits;
  }
  return words;
}

/** The bits that the named fields cover, word by word; without names, the bits of every field. */
export function maskOf<Of extends Layout>(of: Of, names?: readonly (keyof Of['fields'])[]): bigint[] {
  const masks = new Array<bigint>(of.words).fill(0n);
  for (const field of of.plan) {
    if (names === undefined || names.includes(field.name))
      masks[field.word] = (masks[field.word] ?? 0n) | field.mask;
  }
  return masks;
}

/** The architecture's name of a field's value, or undefined where the value is reserved or the field has no names. */
export function nameOfValue(field: BitField, value: number): string | undefined {
  return Object.entries(field.values ?? {}).find(([, named]) => named === value)?.[0];
}
