import type { NumberArgument } from './argument.ts';
import type { Names } from './handle.ts';

/** A number as reports print it. */
export function plainNumber(value: number): string {
  return value >= 4096 ? `0x${value.toString(16)}` : String(value);
}

/** A number by the names of its argument. @see numberOfText, which reads it back. */
export function numberText({ flags, values }: NumberArgument, value: number): string {
  if (flags !== undefined) return flagsText(flags, value);
  const named = Object.entries(values ?? {}).find(([, each]) => each === value);
  return named?.[0] ?? plainNumber(value);
}

/** `NEST_PARENT|PASID`; bits without a name in hexadecimal. */
function flagsText(flags: Names, value: number): string {
  if (value === 0) return '0';
  const set = Object.entries(flags).filter(([, bit]) => (value & bit) === bit);
  const rest = set.reduce((left, [, bit]) => left & ~bit, value) >>> 0;
  return [...set.map(([name]) => name), ...(rest === 0 ? [] : [`0x${rest.toString(16)}`])].join('|');
}

const NUMBER = /^(?:0x[0-9a-fA-F]{1,14}|-?(?:0|[1-9][0-9]{0,15}))$/;

/** The most names that a text may join: no argument has more bits. */
const MOST_BITS = 32;

/** The number that a text of names stands for, as `numberText` prints it, or in digits; null where it is none. */
export function numberOfText({ flags, values }: NumberArgument, text: string): number | null {
  if (flags === undefined) return (values && ownValue(values, text)) ?? digitsOf(text);
  const parts = text.split('|', MOST_BITS + 1);
  if (parts.length > MOST_BITS) return null;
  let sum = 0n;
  for (const part of parts) {
    const bits = ownValue(flags, part.trim()) ?? digitsOf(part.trim());
    if (bits === null || (bits < 0 && parts.length > 1)) return null;
    if (parts.length === 1) return bits;
    sum |= BigInt(bits);
  }
  return Number(sum);
}

function ownValue(names: Names, name: string): number | null {
  return Object.hasOwn(names, name) ? (names[name] ?? null) : null;
}

function digitsOf(text: string): number | null {
  if (!NUMBER.test(text)) return null;
  const value = Number(text);
  return Number.isSafeInteger(value) && !Object.is(value, -0) ? value : null;
}
