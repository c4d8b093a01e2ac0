import { remember } from '../../model/world/memo.ts';
import { mix0, mix1, type Print } from './mix.ts';

const known = new WeakMap<object, Print>();

const WORD = (1n << 32n) - 1n;

/**
 * The fingerprint of a piece of immutable state by its content, worked out once per piece: what worlds share is not
 * looked at again.
 */
export function contentOf(value: object): Print {
  let print = known.get(value);
  if (print === undefined) {
    print = Array.isArray(value) ? ofList(value) : ofRecord(value as Readonly<Record<string, unknown>>);
    known.set(value, print);
  }
  return print;
}

function ofList(list: readonly unknown[]): Print {
  let lo = mix0(list.length, 1);
  let hi = mix1(list.length, 1);
  for (const each of list) {
    const part = ofPart(each);
    lo = mix0(lo, part.lo);
    hi = mix1(hi, part.hi);
  }
  return { lo, hi };
}

/** A sum over the fields: records with the same fields in another order are equal. */
function ofRecord(record: Readonly<Record<string, unknown>>): Print {
  let lo = 2;
  let hi = 2;
  for (const name in record) {
    const key = ofText(name);
    const part = ofPart(record[name]);
    lo = (lo + mix0(key.lo, part.lo)) | 0;
    hi = (hi + mix1(key.hi, part.hi)) | 0;
  }
  return { lo, hi };
}

const ABSENT: Print = { lo: 3, hi: 3 };
const YES: Print = { lo: 5, hi: 5 };
const NO: Print = { lo: 7, hi: 7 };

function ofPart(part: unknown): Print {
  switch (typeof part) {
    case 'object':
      return part === null ? ABSENT : contentOf(part);
    case 'number':
      return Number.isSafeInteger(part)
        ? ofInteger((part % 2 ** 32) | 0, Math.floor(part / 2 ** 32) | 0, 11)
        : ofText(String(part));
    case 'bigint':
      return ofBigint(part);
    case 'boolean':
      return part ? YES : NO;
    case 'string':
      return ofText(part);
    default:
      return ABSENT;
  }
}

/** The fingerprint of a number of up to 64 bits, or of any other. */
export function ofBigint(value: bigint): Print {
  if (value < 0n || value >= 1n << 64n) return ofText(`${value}n`);
  return ofInteger(Number(value & WORD) | 0, Number(value >> 32n) | 0, 13);
}

function ofInteger(low: number, high: number, kind: number): Print {
  return { lo: mix0(mix0(low, high), kind), hi: mix1(mix1(low, high), kind) };
}

const texts = new Map<string, Print>();

function ofText(text: string): Print {
  let print = texts.get(text);
  if (print === undefined) {
    let lo = text.length;
    let hi = ~text.length;
    for (let at = 0; at < text.length; at++) {
      lo = mix0(lo, text.charCodeAt(at));
      hi = mix1(hi, text.charCodeAt(at));
    }
    print = { lo, hi };
    remember(texts, text, print);
  }
  return print;
}
