import { type Argument, MAX_WORDS } from '../../spec/command/argument.ts';
import { fits } from '../../spec/command/fits.ts';
import { numberOfText } from '../../spec/command/names.ts';
import type { ArgValue } from '../../workload/commands/call.ts';

/** An argument or an output as JSON has it: 64-bit values and words are strings `0x…`. */
export type JsonValue = number | string | boolean | null | readonly string[];

/** Names of objects and descriptors: words of letters, digits, `_` and `-`, with dots between (`vm0.ioas1`). */
const NAME = /^[A-Za-z][A-Za-z0-9_-]{0,63}(?:\.[A-Za-z][A-Za-z0-9_-]{0,63}){0,3}$/;

/** What a name that a call uses may end with: the descriptor that came with the object. */
const FD_SUFFIX = '.fd';

const HEX = /^0x[0-9a-fA-F]{1,16}$/;
const DECIMAL = /^(?:0|[1-9][0-9]{0,19})$/;
const U64_MAX = 0xffff_ffff_ffff_ffffn;

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
  return Number.isSafeInteger(json) && (json as number) >= -(2 ** 31) && !Object.is(json, -0);
}

/** An argument from JSON, numbers also by the names that they are printed with; undefined where it does not fit. */
export function readArg(argument: Argument, json: unknown): ArgValue | undefined {
  if (argument.kind === 'handle' && typeof json === 'string') return isReference(json) ? json : undefined;
  const value = valueFrom(argument, json);
  return fits(argument, value) ? value : undefined;
}

function valueFrom(argument: Argument, json: unknown): ArgValue | undefined {
  switch (argument.kind) {
    case 'u64':
      return readU64(json) ?? undefined;
    case 'words':
      return json === null ? null : (readWords(json) ?? undefined);
    case 'number':
      return typeof json === 'string' ? (numberOfText(argument, json) ?? undefined) : (json as ArgValue);
    default:
      return json as ArgValue;
  }
}

/** An output field from JSON: a number, a 64-bit value or words; undefined where it is none of them. */
export function readOutput(json: unknown): number | bigint | readonly bigint[] | undefined {
  if (isInteger(json)) return json;
  if (typeof json === 'string') return readU64(json) ?? undefined;
  return readWords(json) ?? undefined;
}
