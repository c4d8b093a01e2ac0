import { bits, field, type ReadWord } from '../../own/bits.ts';
import { type First, type Second, type Serving, serving } from './entries.ts';
import {
  type Asked,
  type Capabilities,
  can,
  type Fault,
  isFault,
  isMessage,
  type Reason,
  type Root,
  tooFar,
} from './unit.ts';

/*
 * What a remapping unit of VT-d does with a request that meets nothing cached, read anew from the specification (3.4 to 3.8, 7.1.3,
 * 9.9, 9.10): where it ends, which flags it leaves in tables, or with which reason it faults, and whether that is recorded.
 */

export type Ended =
  | { readonly address: bigint; readonly flagged: ReadonlyMap<bigint, bigint> }
  | { readonly reason: number; readonly recorded: boolean }
  | 'silent';

/** Why a walk ends. */
type Refusal = { readonly reason: Reason };

interface Page {
  readonly address: bigint;
}

/** What a walk needs on its way. */
interface Walk {
  readonly unit: Capabilities;
  readonly read: ReadWord;
  /** Words of tables that it has changed. */
  readonly flagged: Map<bigint, bigint>;
}

const READ = 1n;
const WRITE = 2n;

const refused = (...reason: Reason): Refusal => ({ reason });

function shiftOf(level: number): number {
  return 12 + 9 * (level - 1);
}

function placeIn(table: bigint, address: bigint, level: number): bigint {
  return table + bigIndex(address, level) * 8n;
}

function bigIndex(address: bigint, level: number): bigint {
  return (address >> BigInt(shiftOf(level))) & 0x1ffn;
}

function entryAt({ read, flagged }: Walk, place: bigint): bigint | undefined {
  return flagged.get(place) ?? read(place);
}

function within(output: bigint, address: bigint, level: number): bigint {
  return output | (address & ((1n << BigInt(shiftOf(level))) - 1n));
}

/** Bits of a table's address that no host has, below those that software may use. */
function farBits(unit: Capabilities): bigint {
  return tooFar(unit) & ((1n << 52n) - 1n);
}

function throughSecond(walk: Walk, second: Second, address: bigint, write: boolean): Page | Refusal {
  const { unit } = walk;
  const width = Math.min(30 + 9 * (second.levels - 2), bits(unit.cap, 16, 6) + 1);
  if (address >> BigInt(width) !== 0n) return refused(0x04, 0x84);
  const absent: Reason = [write ? 0x05 : 0x06, 0x79];
  const passed: bigint[] = [];
  let { table } = second;
  let rights = READ | WRITE;
  for (let level = second.levels; ; level--) {
    const place = placeIn(table, address, level);
    const entry = entryAt(walk, place);
    if (entry === undefined) return level === second.levels ? refused(0x03, 0x7b) : refused(0x07, 0x78);
    if ((entry & 3n) === 0n) return refused(...absent);
    const isLeaf =
      level === 1 || (level <= 3 && bits(unit.cap, 32 + level, 1) === 1 && bits(entry, 7, 1) === 1);
    if (isReservedSecond(unit, second, entry, isLeaf ? level : 0)) return refused(0x0c, 0x7a);
    rights &= entry;
    passed.push(place);
    if (!isLeaf) {
      table = field(entry, 12, 51);
      continue;
    }
    if (rights === 0n) return refused(...absent);
    if ((rights & (write ? WRITE : READ)) === 0n) return write ? refused(0x05, 0x85) : refused(0x06, 0x86);
    if (second.flags) flagSecond(walk, passed, write);
    return { address: within(field(entry, shiftOf(level), 51), address, level) };
  }
}

/** `leaf`: the level of a page; 0: the entry leads to a table. */
function isReservedSecond(unit: Capabilities, second: Second, entry: bigint, leaf: number): boolean {
  const snoop = leaf === 0 || !(second.scalable || can(unit, 'snoopControl'));
  const low = leaf > 1 ? field(entry, 12, shiftOf(leaf) - 1) : 0n;
  const size = leaf === 0 && bits(entry, 7, 1) === 1;
  return (
    (entry & farBits(unit)) !== 0n ||
    bits(entry, 62, 1) === 1 ||
    (snoop && bits(entry, 11, 1) === 1) ||
    low !== 0n ||
    size
  );
}

/** Accessed flags of all, and the dirty one of the page (VT-d 3.7.2). */
function flagSecond(walk: Walk, passed: readonly bigint[], write: boolean): void {
  for (const [at, place] of passed.entries()) {
    const isPage = at === passed.length - 1;
    flag(walk, place, (1n << 8n) | (write && isPage ? 1n << 9n : 0n));
  }
}

function flag(walk: Walk, place: bigint, flags: bigint): void {
  const entry = entryAt(walk, place) ?? 0n;
  if ((entry & flags) !== flags) walk.flagged.set(place, entry | flags);
}

/** Where a first-stage entry lies in memory. */
type Under = (address: bigint, top: boolean, forWrite: boolean) => Page | Refusal;

function throughFirst(
  walk: Walk,
  first: First,
  { address, write }: Asked,
  privileged: boolean,
  under: Under,
): Page | Refusal {
  const { unit } = walk;
  const width = shiftOf(first.levels + 1);
  const sign = BigInt.asUintN(64, BigInt.asIntN(width, address));
  if (sign !== address) return refused(0x80, 0x80);
  const extended = first.extended && can(unit, 'extendedAccessed');
  const passed: { readonly place: bigint; readonly flags: bigint }[] = [];
  let { table } = first;
  let user = true;
  let writable = true;
  for (let level = first.levels; ; level--) {
    const isTop = level === first.levels;
    const place = placeIn(table, address, level);
    const at = under(place, isTop, false);
    if ('reason' in at) return at;
    const entry = entryAt(walk, at.address);
    if (entry === undefined) return isTop ? refused(0x73, 0x73) : refused(0x70, 0x70);
    if ((entry & 1n) === 0n) return refused(0x71, 0x71);
    user &&= bits(entry, 2, 1) === 1;
    writable &&= bits(entry, 1, 1) === 1;
    const size = bits(entry, 7, 1) === 1;
    const isLeaf = level === 1 || (size && (level === 2 || (level === 3 && bits(unit.cap, 56, 1) === 1)));
    const low = isLeaf && level > 1 ? field(entry, 13, shiftOf(level) - 1) : 0n;
    if ((entry & farBits(unit)) !== 0n || (!isLeaf && size) || low !== 0n) return refused(0x72, 0x72);
    const dirty = write && isLeaf ? 1n << 6n : 0n;
    passed.push({ place, flags: (1n << 5n) | (extended ? 1n << 10n : 0n) | dirty });
    if (!isLeaf) {
      table = field(entry, 12, 51);
      continue;
    }
    if (!user && !privileged) return refused(0x81, 0x81);
    if (write && !writable && (!privileged || first.writeProtect)) return refused(0x85, 0x85);
    return (
      flagFirst(walk, passed, under) ?? { address: within(field(entry, shiftOf(level), 51), address, level) }
    );
  }
}

/** Each in its turn; one that may not be written ends it (SFS.8). */
function flagFirst(
  walk: Walk,
  passed: readonly { readonly place: bigint; readonly flags: bigint }[],
  under: Under,
): Refusal | null {
  for (const { place, flags } of passed) {
    const at = under(place, false, false);
    if ('reason' in at) return at;
    if (((entryAt(walk, at.address) ?? 0n) & flags) === flags) continue;
    const written = under(place, false, true);
    if ('reason' in written) return written;
    flag(walk, written.address, flags);
  }
  return null;
}

/** A first stage's entry behind a second stage (SFS.5 to SFS.8). */
function underSecond(walk: Walk, second: Second): Under {
  return (address, top, forWrite) => {
    const found = throughSecond(walk, second, address, forWrite);
    if (!('reason' in found)) return found;
    switch (found.reason[1]) {
      case 0x84:
        return refused(0x74, 0x74);
      case 0x86:
        return top ? refused(0x75, 0x75) : refused(0x76, 0x76);
      case 0x85:
        return refused(0x77, 0x77);
      default:
        return found;
    }
  };
}

function through(walk: Walk, { first, second, privileged }: Serving, asked: Asked): Page | Refusal {
  const { address, write, pasid } = asked;
  if (first === null && second === null) {
    if ((address & tooFar(walk.unit)) !== 0n) return refused(0x04, 0x83);
    return pasid !== undefined && isMessage(address) ? refused(0x0e, 0x87) : { address };
  }
  let page: Page | Refusal = { address };
  if (first !== null)
    page = throughFirst(
      walk,
      first,
      asked,
      privileged,
      second === null ? (at) => ({ address: at }) : underSecond(walk, second),
    );
  if ('reason' in page) return page;
  if (second !== null) page = throughSecond(walk, second, page.address, write);
  if ('reason' in page) return page;
  return isMessage(page.address) ? refused(0x0e, 0x87) : page;
}

export function ownWalk(
  unit: Capabilities,
  enabled: boolean,
  root: Root,
  asked: Asked,
  read: ReadWord,
): Ended {
  const { address, pasid } = asked;
  if (pasid === undefined && isMessage(address)) return 'silent';
  const flagged = new Map<bigint, bigint>();
  if (!enabled) return { address, flagged };
  if (root.mode === 'abort') return 'silent';
  const served = serving(unit, root, asked, read);
  const found = isFault(served) ? served : through({ unit, read, flagged }, served, asked);
  if (!('reason' in found)) return { ...found, flagged };
  const fault: Fault = isFault(served) ? served : { ...found, fpd: served.fpd };
  return {
    reason: fault.reason[root.mode === 'scalable' ? 1 : 0],
    recorded: fault.always === true || !fault.fpd,
  };
}
