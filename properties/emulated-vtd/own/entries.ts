import { bits, field, type ReadWord, words } from '../../own/bits.ts';
import {
  type Asked,
  type Capabilities,
  can,
  domainIdBits,
  type Fault,
  hasLevels,
  isFault,
  type Reason,
  type Root,
  tooFar,
} from './unit.ts';

/* Which entry serves a request (VT-d 3.4, 9.1 to 9.6), and what it says. */

/** Second-stage tables. */
export interface Second {
  readonly table: bigint;
  readonly levels: number;
  readonly scalable: boolean;
  /** SSADE: flags are written there. */
  readonly flags: boolean;
}

/** First-stage tables. */
export interface First {
  readonly table: bigint;
  readonly levels: number;
  readonly writeProtect: boolean;
  readonly extended: boolean;
}

export interface Serving {
  readonly first: First | null;
  readonly second: Second | null;
  readonly privileged: boolean;
  readonly fpd: boolean;
}

/** What of a word may be set: fields, as [lowest bit, width]. */
function outside(word: bigint | undefined, fields: readonly (readonly [number, number])[]): boolean {
  let legal = 0n;
  for (const [low, width] of fields) legal |= ((1n << BigInt(width)) - 1n) << BigInt(low);
  return ((word ?? 0n) & ~legal) !== 0n;
}

const ADDRESS = [12, 52] as const;

const always = (reason: Reason): Fault => ({ reason, always: true, fpd: false });

/** The context entry of a source id. */
function contextOf(
  unit: Capabilities,
  { mode, address }: Root,
  { source }: Asked,
  read: ReadWord,
): { readonly entry: readonly bigint[] } | Fault {
  const scalable = mode === 'scalable';
  const root = words(read, address + BigInt(source >> 8) * 16n, 2);
  if (root === null) return always([0x08, 0x38]);
  const device = source & 0xff;
  const half = root[scalable ? device >> 7 : 0] ?? 0n;
  if ((half & 1n) === 0n) return always([0x01, 0x39]);
  const strays = outside(half, [[0, 1], ADDRESS]) || (half & tooFar(unit)) !== 0n;
  if (strays || (!scalable && root[1] !== 0n)) return always([0x0a, 0x3a]);
  const table = field(half, 12, 63);
  const entry = scalable
    ? words(read, table + BigInt(device & 0x7f) * 32n, 4)
    : words(read, table + BigInt(device) * 16n, 2);
  return entry === null ? always([0x09, 0x40]) : { entry };
}

/** What is wrong with a context entry as such; null: nothing. */
function wrongContext(unit: Capabilities, entry: readonly bigint[], scalable: boolean): Reason | null {
  const [low = 0n, high = 0n, ...rest] = entry;
  if ((low & 1n) === 0n) return [0x02, 0x41];
  if ((low & tooFar(unit)) !== 0n) return [0x0b, 0x42];
  if (scalable) {
    const strays =
      outside(low, [[0, 5], [9, 3], ADDRESS]) || outside(high, [[0, 21]]) || rest.some((word) => word !== 0n);
    const lacks =
      (bits(low, 2, 1) === 1 && !can(unit, 'deviceTlb')) ||
      (bits(low, 3, 1) === 1 && !can(unit, 'pasids')) ||
      (bits(low, 4, 1) === 1 && !can(unit, 'pageRequests')) ||
      (bits(high, 20, 1) === 1 && !can(unit, 'supervisor'));
    return strays || lacks ? [0x0b, 0x42] : null;
  }
  const strays =
    outside(low, [[0, 4], ADDRESS]) ||
    outside(high, [
      [0, 7],
      [8, domainIdBits(unit)],
    ]);
  if (strays) return [0x0b, 0x42];
  const type = bits(low, 2, 2);
  const fits =
    type === 0 || (type === 1 && can(unit, 'deviceTlb')) || (type === 2 && can(unit, 'passThrough'));
  return fits && hasLevels(unit, bits(high, 0, 3)) ? null : [0x03, 0x43];
}

/** The entry that serves a request; first and second null: it is passed through. */
export function serving(unit: Capabilities, root: Root, asked: Asked, read: ReadWord): Serving | Fault {
  if (root.mode === 'invalid') return always([0x30, 0x30]);
  if (root.mode === 'legacy' && asked.pasid !== undefined) return always([0x31, 0x31]);
  const scalable = root.mode === 'scalable';
  const found = contextOf(unit, root, asked, read);
  if (isFault(found)) return found;
  const { entry } = found;
  const [low = 0n, high = 0n] = entry;
  const fpd = bits(low, 1, 1) === 1;
  const wrong = wrongContext(unit, entry, scalable);
  if (wrong !== null) return { reason: wrong, fpd };
  const through: Serving = { first: null, second: null, privileged: false, fpd };
  if (asked.translated === true) {
    const lets = scalable ? bits(low, 2, 1) === 1 : bits(low, 2, 2) === 1;
    return lets ? through : { reason: [0x0d, 0x44], fpd };
  }
  if (scalable) return byPasid(unit, entry, asked, read);
  if (bits(low, 2, 2) === 2) return through;
  const levels = 2 + bits(high, 0, 3);
  return { ...through, second: { table: field(low, 12, 63), levels, scalable, flags: false } };
}

/** By the PASID directory and table of a context entry in scalable mode. */
function byPasid(
  unit: Capabilities,
  context: readonly bigint[],
  asked: Asked,
  read: ReadWord,
): Serving | Fault {
  const [low = 0n, high = 0n] = context;
  let fpd = bits(low, 1, 1) === 1;
  const only = (reason: number): Fault => ({ reason: [reason, reason], fpd });
  const pasid = asked.pasid ?? (can(unit, 'ridPasid') ? bits(high, 0, 20) : 0);
  if (asked.pasid !== undefined && bits(low, 3, 1) === 0) return only(0x45);
  if (pasid >> (7 + bits(low, 9, 3) + 6) !== 0) return only(asked.pasid === undefined ? 0x48 : 0x46);
  const directory = read(field(low, 12, 63) + BigInt(pasid >> 6) * 8n);
  if (directory === undefined) return { ...only(0x50), always: true };
  fpd ||= bits(directory, 1, 1) === 1;
  if ((directory & 1n) === 0n) return only(0x51);
  if (outside(directory, [[0, 2], ADDRESS]) || (directory & tooFar(unit)) !== 0n) return only(0x52);
  const entry = words(read, field(directory, 12, 63) + BigInt(pasid & 63) * 64n, 8);
  if (entry === null) return { ...only(0x58), always: true };
  fpd ||= bits(entry[0], 1, 1) === 1;
  const wrong = wrongEntry(unit, entry);
  if (wrong !== null) return only(wrong);
  const type = bits(entry[0], 6, 3);
  const privileged = asked.pasid === undefined ? bits(high, 20, 1) === 1 : asked.privileged === true;
  if (privileged && (type & 5) === 1 && bits(entry[2], 0, 1) === 0) return only(0x5d);
  return { ...stagesOf(entry, type), privileged, fpd };
}

function stagesOf(entry: readonly bigint[], type: number): Pick<Serving, 'first' | 'second'> {
  const [word0 = 0n, , word2 = 0n] = entry;
  const levels = 2 + bits(word0, 2, 3);
  return {
    first:
      (type & 5) === 1
        ? {
            table: field(word2, 12, 63),
            levels: 4 + bits(word2, 2, 2),
            writeProtect: bits(word2, 4, 1) === 1,
            extended: bits(word2, 7, 1) === 1,
          }
        : null,
    second:
      (type & 6) === 2
        ? { table: field(word0, 12, 63), levels, scalable: true, flags: bits(word0, 9, 1) === 1 }
        : null,
  };
}

/** What is wrong with a PASID table entry as such; null: nothing. */
function wrongEntry(unit: Capabilities, entry: readonly bigint[]): number | null {
  const [word0 = 0n, word1 = 0n, word2 = 0n, ...rest] = entry;
  if ((word0 & 1n) === 0n) return 0x59;
  const type = bits(word0, 6, 3);
  const strays =
    outside(word0, [[0, 10], ADDRESS]) ||
    outside(word1, [
      [0, domainIdBits(unit)],
      [23, 4],
      [32, 32],
    ]) ||
    outside(word2, [[0, 8], ADDRESS]) ||
    rest.some((word) => word !== 0n);
  const lacks =
    (bits(word0, 9, 1) === 1 && !can(unit, 'secondFlags')) ||
    (bits(word1, 24, 1) === 1 && !can(unit, 'snoopControl')) ||
    (bits(word2, 0, 1) === 1 && !can(unit, 'supervisor')) ||
    (bits(word2, 1, 1) === 1 && !can(unit, 'execute')) ||
    (bits(word2, 7, 1) === 1 && !can(unit, 'extendedAccessed'));
  const far = tooFar(unit);
  // In nested translation the first stage's tables are at addresses of the guest.
  const beyond = ((type & 6) === 2 && (word0 & far) !== 0n) || (type === 1 && (word2 & far) !== 0n);
  if (strays || lacks || beyond) return 0x5a;
  const modes = bits(word2, 2, 2);
  const first = modes === 0 || (modes === 1 && bits(unit.cap, 60, 1) === 1);
  const second = hasLevels(unit, bits(word0, 2, 3));
  const legal =
    (type === 1 && can(unit, 'first') && first) ||
    (type === 2 && can(unit, 'second') && second) ||
    (type === 3 && can(unit, 'nesting') && first && second) ||
    (type === 4 && can(unit, 'passThrough') && second);
  return legal ? null : 0x5b;
}
