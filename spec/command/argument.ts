import type { Pointer } from '../struct.ts';
import type { HandleOf, Names, WordsFormat } from './handle.ts';

/*
 * What arguments of commands are: the vocabulary in which each command is declared, once. The TypeScript types of the
 * arguments, their defaults, what a trace may say, what generators try, how calls are printed, and the check of what
 * comes from outside are all made of these.
 */

/** A name that the trace bound, or the number of a descriptor (`int`) or an object (`__u32`). */
export interface HandleArgument {
  readonly kind: 'handle';
  readonly of: HandleOf;
  readonly min: number;
  readonly max: number;
}

/** An integer that is exact as a number. */
export interface NumberArgument {
  readonly kind: 'number';
  readonly type: string;
  readonly min: number;
  readonly max: number;
  readonly default: number;
  /** The interface's names for bits. */
  readonly flags?: Names;
  /** The interface's names for values. Others can be given as well: their answer is a refusal. */
  readonly values?: Names;
  readonly unit?: string;
}

export interface U64Argument {
  readonly kind: 'u64';
  /** It is a multiple of this. */
  readonly align?: bigint;
  readonly unit?: string;
}

export interface BoolArgument {
  readonly kind: 'bool';
}

export interface PointerArgument {
  readonly kind: 'pointer';
}

/** 64-bit words of user memory, or null where nothing can be read. */
export interface WordsArgument {
  readonly kind: 'words';
  /** The most words that it may have. */
  readonly most: number;
  readonly holds?: WordsFormat;
  /** The words are what `holds` says where another argument has this value; elsewhere they are only words. */
  readonly where?: { readonly argument: string; readonly is: number };
}

export interface TextArgument {
  readonly kind: 'text';
  /** The most characters that it may have. */
  readonly most: number;
  /** Words that mean something. Others can be given as well: their answer is a refusal. */
  readonly words?: readonly string[];
  readonly unit?: string;
}

/** An argument of a command: its kind, its range, and what it is if it is left out. */
export type Argument =
  | HandleArgument
  | NumberArgument
  | U64Argument
  | BoolArgument
  | PointerArgument
  | WordsArgument
  | TextArgument;

export type Arguments = Readonly<Record<string, Argument>>;

/** The value of an argument in a complete command. */
export type ValueOf<A extends Argument> = A extends HandleArgument | NumberArgument
  ? number
  : A extends U64Argument
    ? bigint
    : A extends BoolArgument
      ? boolean
      : A extends PointerArgument
        ? Pointer
        : A extends WordsArgument
          ? readonly bigint[] | null
          : string;

const S32_MIN = -(2 ** 31);
const S32_MAX = 2 ** 31 - 1;
const U32_MAX = 2 ** 32 - 1;

/** The largest unsigned integer of a width in bits. */
export function mostOf(bits: number): number {
  return 2 ** bits - 1;
}

/** An unsigned integer of so many bits. */
export function uint(bits: number): NumberArgument {
  return { kind: 'number', type: `u${bits}`, min: 0, max: mostOf(bits), default: 0 };
}

export const u8 = uint(8);
export const u16 = uint(16);
export const u32 = uint(32);
export const i32: NumberArgument = { kind: 'number', type: 'i32', min: S32_MIN, max: S32_MAX, default: 0 };
/** size_t or loff_t, as far as it is exact as a number: no buffer and no file is longer. */
export const size: NumberArgument = {
  kind: 'number',
  type: 'size',
  min: 0,
  max: Number.MAX_SAFE_INTEGER,
  default: 0,
  unit: 'bytes',
};
export const u64: U64Argument = { kind: 'u64' };
/** A 64-bit address of a page. */
export const pageAddress: U64Argument = { kind: 'u64', align: 0x1000n };
export const bool: BoolArgument = { kind: 'bool' };
export const pointer: PointerArgument = { kind: 'pointer' };

/** Words that one argument may carry: far more than the kernel reads of an invalidation array before it refuses it. */
export const MAX_WORDS = 65_536;
export const words: WordsArgument = { kind: 'words', most: MAX_WORDS };

/** Characters that one argument may have: no name of a device or a machine is longer. */
export const MAX_TEXT = 64;
export const text: TextArgument = { kind: 'text', most: MAX_TEXT };

/** Names of what the platform has. */
export const device: TextArgument = { ...text, unit: 'device' };
export const vm: TextArgument = { ...text, unit: 'VM' };

/** Words that hold something with a layout. */
export function wordsOf(holds: WordsFormat): WordsArgument {
  return { ...words, holds };
}

/** One of some words. */
export function oneOf(known: readonly string[]): TextArgument {
  return { ...text, words: known };
}

/** A descriptor of the calling process. */
export function descriptor(of: 'fd' | 'iommufd' | 'cdev'): HandleArgument {
  return { kind: 'handle', of, min: S32_MIN, max: S32_MAX };
}

/** An object's id. */
export function id(of: Exclude<HandleOf, 'fd' | 'iommufd' | 'cdev'>): HandleArgument {
  return { kind: 'handle', of, min: 0, max: U32_MAX };
}

export function isDescriptorKind(of: HandleOf): of is 'fd' | 'iommufd' | 'cdev' {
  return of === 'fd' || of === 'iommufd' || of === 'cdev';
}

/** The same argument in some unit. */
export function inUnit<A extends NumberArgument | U64Argument>(unit: string, argument: A): A {
  return { ...argument, unit };
}

/** The same argument with another value where it is left out. */
export function or(standard: number, argument: NumberArgument): NumberArgument {
  return { ...argument, default: standard };
}

/** The same argument, its bits having names. */
export function flagged(flags: Names, argument: NumberArgument = u32): NumberArgument {
  return { ...argument, flags };
}

/** The same argument, its values having names. */
export function valued(values: Names, argument: NumberArgument = u32): NumberArgument {
  return { ...argument, values };
}

/** What an argument is when a trace leaves it out. */
export function defaultOf(argument: Argument): number | bigint | boolean | string | null {
  switch (argument.kind) {
    case 'handle':
      return 0;
    case 'number':
      return argument.default;
    case 'u64':
      return 0n;
    case 'bool':
      return false;
    case 'pointer':
      return 'buffer';
    case 'words':
      return null;
    case 'text':
      return '';
  }
}
