import { type BitField, type Layout, type RecordOf, update } from '../../spec/bits.ts';
import { readU64 } from '../trace/values.ts';

/** Something of a platform that a setting can change: reads its value from text, and gives what has it. */
export interface Field<T> {
  /** What a value looks like, for an error's reader. */
  readonly expected: string;
  /** What has the value that the text says; null where the text says none. */
  readonly set: (of: T, text: string) => T | null;
}

export type Fields<T> = Readonly<Record<string, Field<T>>>;

const WORDS: Readonly<Record<string, boolean>> = {
  on: true,
  off: false,
  true: true,
  false: false,
  yes: true,
  no: false,
  1: true,
  0: false,
};

/** A field that is a property of what has it. */
function property<T, K extends keyof T & string>(
  key: K,
  expected: string,
  read: (text: string) => T[K] | null,
): Field<T> {
  return {
    expected,
    set: (of, text) => {
      const value = read(text);
      return value === null ? null : { ...of, [key]: value };
    },
  };
}

type KeysOf<T, V> = { readonly [K in keyof T]-?: V extends T[K] ? K : never }[keyof T] & string;

export function flag<T>(key: KeysOf<T, boolean>): Field<T> {
  const read = (text: string): boolean | null =>
    Object.hasOwn(WORDS, text) ? (WORDS[text] as boolean) : null;
  return property<T, keyof T & string>(key, 'on or off', read as (text: string) => never);
}

/** A whole number of this range, or a name that stands for one. */
export function number<T>(
  key: KeysOf<T, number>,
  least: number,
  most: number,
  names: Readonly<Record<string, number>> = {},
): Field<T> {
  const known = Object.keys(names);
  const expected = [`a whole number from ${least} to ${most}`, ...known].join(', ');
  const read = (text: string): number | null => {
    if (Object.hasOwn(names, text)) return names[text] as number;
    const value = readU64(text);
    return value === null || value < BigInt(least) || value > BigInt(most) ? null : Number(value);
  };
  return property<T, keyof T & string>(key, expected, read as (text: string) => never);
}

export function u64<T>(key: KeysOf<T, bigint>): Field<T> {
  return property<T, keyof T & string>(
    key,
    'a 64-bit value such as 0x40000000',
    readU64 as (text: string) => never,
  );
}

export function oneOf<T>(key: keyof T & string, values: readonly string[]): Field<T> {
  const read = (text: string): string | null => (values.includes(text) ? text : null);
  return property<T, keyof T & string>(key, values.join(', '), read as (text: string) => never);
}

/** Words joined by `+`, or none. */
export function someOf<T>(key: keyof T & string, values: readonly string[]): Field<T> {
  const read = (text: string): readonly string[] | null => {
    const words = text === 'none' ? [] : text.split('+');
    return words.every((word) => values.includes(word)) && new Set(words).size === words.length
      ? words
      : null;
  };
  return property<T, keyof T & string>(
    key,
    `none, or some of ${values.join(', ')} joined by +`,
    read as (text: string) => never,
  );
}

/** A register that is one 64-bit word: as a whole under its own name, and each of its fields. */
export function register<T>(
  name: string,
  layout: Layout,
  bits: number,
  word: (of: T) => bigint,
  put: (of: T, word: bigint) => T,
): Fields<T> {
  const whole: Field<T> = {
    expected: `a ${bits}-bit value such as 0x10`,
    set: (of, text) => {
      const value = readU64(text);
      return value === null || value >> BigInt(bits) !== 0n ? null : put(of, value);
    },
  };
  const parts = Object.entries(layout.fields).map(([field, about]): [string, Field<T>] => [
    `${name}.${field}`,
    {
      expected: valuesOf(about),
      set: (of, text) => {
        const value = wordOf(about, text);
        if (value === null) return null;
        // The value fits its field: which are numbers and which bigints, `update` does not mind.
        const changed = { [field]: value } as unknown as Partial<RecordOf<Layout>>;
        return put(of, update(layout, [word(of)], changed)[0] ?? 0n);
      },
    },
  ]);
  return { [name]: whole, ...Object.fromEntries(parts) };
}

function valuesOf({ values, width }: BitField): string {
  return [...Object.keys(values ?? {}), `a value of ${width} bit${width === 1 ? '' : 's'}`].join(', ');
}

function wordOf({ values, width }: BitField, text: string): number | bigint | null {
  if (values !== undefined && Object.hasOwn(values, text)) return values[text] as number;
  const value = readU64(text);
  if (value === null || value >> BigInt(width) !== 0n) return null;
  return width <= 32 ? Number(value) : value;
}
