/*
 * Values of the Informal Trace Format (Apalache ADR-015): booleans, strings, {"#bigint"} for every integer, lists,
 * and records. The format has no null; what is not there is `None`, as Quint has it.
 */

/** An ITF expression, as far as we write it. */
export type ItfValue =
  | boolean
  | string
  | { readonly '#bigint': string }
  | readonly ItfValue[]
  | { readonly [field: string]: ItfValue };

const NONE: ItfValue = { tag: 'None', value: { '#tup': [] } };

/** A plain value (a world, a call, an answer) as an ITF expression; fields that are undefined are left out. */
export function toItf(value: unknown): ItfValue {
  if (typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'bigint' || typeof value === 'number') return { '#bigint': value.toString() };
  if (value === null) return NONE;
  if (Array.isArray(value)) return value.map((each: unknown) => (each === undefined ? NONE : toItf(each)));
  if (typeof value !== 'object') throw new Error(`${typeof value} is no plain value`);
  const fields = Object.entries(value).filter(([, each]) => each !== undefined);
  return Object.fromEntries(fields.map(([key, each]) => [key, toItf(each)]));
}

/** What an ITF expression stands for, integers as numbers where they fit exactly; undefined where it is none of ours. */
export function fromItf(itf: unknown): unknown {
  if (typeof itf === 'boolean' || typeof itf === 'string') return itf;
  // Older writers have small integers as JSON numbers.
  if (typeof itf === 'number') return Number.isSafeInteger(itf) ? itf : undefined;
  if (Array.isArray(itf)) return itf.map(fromItf);
  if (typeof itf !== 'object' || itf === null) return undefined;
  if ('#bigint' in itf) return integer(itf['#bigint']);
  if ('#tup' in itf) return Array.isArray(itf['#tup']) ? itf['#tup'].map(fromItf) : undefined;
  if ('tag' in itf && itf.tag === 'None') return null;
  return Object.fromEntries(Object.entries(itf).map(([key, each]) => [key, fromItf(each)]));
}

/** 64-bit values that are no safe integers stay strings, which is how a trace file has them. */
function integer(digits: unknown): number | string | undefined {
  if (typeof digits !== 'string' || !/^-?[0-9]{1,20}$/.test(digits)) return undefined;
  const value = Number(digits);
  return Number.isSafeInteger(value) ? value : digits;
}
