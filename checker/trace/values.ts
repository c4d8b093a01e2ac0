import type { ArgValue } from '../../workload/commands/call.ts';
import type { ArgShape } from '../../workload/commands/shapes.ts';
import { isPrintableLine } from '../outside/text.ts';

/** An argument or an output as JSON has it: 64-bit values and words are strings `0x…`. */
export type JsonValue = number | string | boolean | null | readonly string[];

/** Names of objects and descriptors: words of letters, digits, `_` and `-`, with dots between (`vm0.ioas1`). */
const NAME = /^[A-Za-z][A-Za-z0-9_-]{0,63}(?:\.[A-Za-z][A-Za-z0-9_-]{0,63}){0,3}$/;

/** What a name that a call uses may end with: the descriptor that came with the object. */
const FD_SUFFIX = '.fd';

const HEX = /^0x[0-9a-fA-F]{1,16}$/;
const DECIMAL = /^(?:0|[1-9][0-9]{0,19})$/;
const POINTERS: readonly unknown[] = ['buffer', 'null', 'unmapped'];
const U64_MAX = 0xffff_ffff_ffff_ffffn;

/** Words of user memory that one argument may carry: the largest invalidation array of a recording is far below. */
export const MAX_WORDS = 4096;

/** Whether a text can be used as a name. Names that every object inherits (`toString`) cannot. */
function isReference(text: string): boolean {
  return NAME.test(text) && !(text in Object.prototype);
}

/** Whether a text can be bound as a name. */
export function isName(text: string): boolean {
  return isReference(text) && !text.endsWith(FD_SUFFIX);
}

export function hex(value: bigint): string {
  return `0x${value.toString(16)}`;
}

/** An argument or output in its one JSON form. */
export function toJson(value: ArgValue): JsonValue {
  if (typeof value === 'bigint') return hex(value);
  if (typeof value === 'object' && value !== null) return value.map(hex);
  return value;
}

/** A 64-bit value: a number, or a string in hexadecimal (`0x…`) or decimal; null where it is none. */
export function readU64(json: unknown): bigint | null {
  if (typeof json === 'number') return Number.isSafeInteger(json) && json >= 0 ? BigInt(json) : null;
  if (typeof json !== 'string' || !(HEX.test(json) || DECIMAL.test(json))) return null;
  const value = BigInt(json);
  return value > U64_MAX ? null : value;
}

/** 64-bit words, or null where one of them is none. */
export function readWords(json: unknown): bigint[] | null {
  if (!Array.isArray(json) || json.length > MAX_WORDS) return null;
  const words: bigint[] = [];
  for (const each of json as readonly unknown[]) {
    const word = readU64(each);
    if (word === null) return null;
    words.push(word);
  }
  return words;
}

function isInteger(json: unknown): json is number {
  return typeof json === 'number' && Number.isSafeInteger(json) && json >= -(2 ** 31);
}

const HANDLE_TEXT: Readonly<Record<string, string>> = {
  any: 'an object',
  pt: 'an ioas or hwpt',
  invalidatable: 'a viommu or hwpt',
  iommufd: 'an iommufd',
  ioas: 'an ioas',
  hwpt: 'an hwpt',
};

/** What an argument of this shape looks like in a trace, for an error's reader. */
export function expectation(shape: ArgShape): string {
  switch (shape.kind) {
    case 'handle':
      return `the name of ${HANDLE_TEXT[shape.of] ?? `a ${shape.of}`} or its number`;
    case 'number':
      return 'an integer';
    case 'u64':
      return 'a 64-bit value (a number, or a string like "0x1000" or "4096")';
    case 'bool':
      return 'true or false';
    case 'pointer':
      return '"buffer", "null" or "unmapped"';
    case 'words':
      return `null or at most ${MAX_WORDS} 64-bit words (strings like "0x1000")`;
    case 'text':
      return 'a line of at most 64 printable characters';
  }
}

/** An argument from JSON; undefined where it does not fit the shape. */
export function readArg(shape: ArgShape, json: unknown): ArgValue | undefined {
  switch (shape.kind) {
    case 'handle':
      if (typeof json === 'string') return isReference(json) ? json : undefined;
      return isInteger(json) && json <= 0xffff_ffff ? json : undefined;
    case 'number':
      return isInteger(json) ? json : undefined;
    case 'u64':
      return readU64(json) ?? undefined;
    case 'bool':
      return typeof json === 'boolean' ? json : undefined;
    case 'pointer':
      return POINTERS.includes(json) ? (json as string) : undefined;
    case 'words':
      return json === null ? null : (readWords(json) ?? undefined);
    case 'text':
      return typeof json === 'string' && json.length <= 64 && isPrintableLine(json) ? json : undefined;
  }
}

/** An output field from JSON: a number, a 64-bit value or words; undefined where it is none of them. */
export function readOutput(json: unknown): number | bigint | readonly bigint[] | undefined {
  if (isInteger(json)) return json;
  if (typeof json === 'string') return readU64(json) ?? undefined;
  return readWords(json) ?? undefined;
}
