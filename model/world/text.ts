/*
 * State as text, and back. State is plain immutable data (`World`), so that equal worlds have equal texts and nothing
 * is lost on the way: this says what that means, and what is wrong where it is not so.
 */

/** Bits of the widest integer: 64, and one for the end behind the last address. */
const MAX_BIGINT = 1n << 64n;

/** The key of a bigint in text. No record of any state has it. */
const BIGINT = '#';

/** What keeps a piece of state from being canonical: where, and why; null: it is. `known` was looked at before. */
export function whyNotCanonical(state: unknown, known: WeakSet<object> = new WeakSet()): string | null {
  switch (typeof state) {
    case 'string':
    case 'boolean':
      return null;
    case 'number':
      if (!Number.isSafeInteger(state)) return `is ${state}, which is no exact integer`;
      return Object.is(state, -0) ? 'is -0' : null;
    case 'bigint':
      return state < 0n || state > MAX_BIGINT ? `is ${state}, which has not 64 bits` : null;
    case 'object':
      if (state === null || known.has(state)) return null;
      known.add(state);
      return Array.isArray(state) ? ofList(state, known) : ofRecord(state as Record<string, unknown>, known);
    default:
      return `is ${typeof state}`;
  }
}

function ofList(list: readonly unknown[], known: WeakSet<object>): string | null {
  for (let at = 0; at < list.length; at++) {
    const why = Object.hasOwn(list, at) ? whyNotCanonical(list[at], known) : 'is a hole';
    if (why !== null) return `[${at}]${why.startsWith('[') || why.startsWith('.') ? '' : ' '}${why}`;
  }
  return Object.keys(list).length === list.length ? null : 'is a list with names';
}

function ofRecord(record: Readonly<Record<string, unknown>>, known: WeakSet<object>): string | null {
  const kind: unknown = Object.getPrototypeOf(record);
  if (kind !== Object.prototype && kind !== null) return 'is no plain record';
  for (const key of Object.keys(record)) {
    const why = key === BIGINT ? 'is no name of state' : whyNotCanonical(record[key], known);
    if (why !== null) return `.${key}${why.startsWith('[') || why.startsWith('.') ? '' : ' '}${why}`;
  }
  return null;
}

/** The one text of a piece of state: names in order, bigints in hexadecimal. */
export function encodeState(state: unknown): string {
  return JSON.stringify(state, (_, value: unknown) => {
    if (typeof value === 'bigint') return { [BIGINT]: value.toString(16) };
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    const entries = Object.entries(value);
    return entries.length < 2 ? value : Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

/** The state that `encodeState` made a text of. */
export function decodeState(text: string): unknown {
  return JSON.parse(text, (_, value: unknown) => {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, BIGINT)) return value;
    return BigInt(`0x${(value as Record<typeof BIGINT, string>)[BIGINT]}`);
  });
}
