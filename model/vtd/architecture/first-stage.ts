import { below, beyond, entryOffset, levelShift } from './address.ts';
import type { FirstStage } from './configuration.ts';
import { fetchEntry, type Refused, refused, type VtdLeaf } from './leaf.ts';
import type { FlagUpdate, WalkMemory } from './outcome.ts';
import type { VtdArchitectureRules } from './rules.ts';
import type { VtdUnit } from './unit.ts';

/** Bits of first-stage paging entries (VT-d 9.9); bits 62:52 are left to software, bit 63 is for requests to execute. */
const PRESENT = 1n << 0n;
const WRITE = 1n << 1n;
const USER = 1n << 2n;
const ACCESSED = 1n << 5n;
const DIRTY = 1n << 6n;
const PAGE_SIZE = 1n << 7n;
const EXTENDED_ACCESSED = 1n << 10n;
const ADDRESS = below(52) & ~below(12);
/** Of a large page: the bit above PAT, which lies at the bottom of the address. */
const LARGE_RESERVED_FROM = 13;

/** Where the entry at a table's address and offset lies in memory: a second stage translates it in nested translation. */
export type TranslateTable = (address: bigint, top: boolean, forWrite: boolean) => bigint | Refused;

/** What asks for a translation. */
export interface FirstStageAccess {
  readonly address: bigint;
  readonly write: boolean;
  readonly privileged: boolean;
}

/** What a walk that ends in a refusal may have flagged: the entries that it passed. */
export interface RefusedWalk extends Refused {
  readonly passed: readonly FlagUpdate[];
}

interface Passed {
  /** Where the tables say that the entry lies: a guest's address in nested translation. */
  readonly place: bigint;
  /** And where that is in memory. */
  readonly at: bigint;
  readonly entry: bigint;
  readonly leaf: boolean;
}

/** Walks first-stage tables for an address (VT-d 3.6): the page, or the condition that refuses it. */
export function walkFirstStage(
  unit: VtdUnit,
  stage: FirstStage,
  access: FirstStageAccess,
  translateTable: TranslateTable,
  memory: WalkMemory,
  rules: VtdArchitectureRules,
): VtdLeaf | RefusedWalk {
  const passed: Passed[] = [];
  const extended = stage.extendedAccessed && unit.extendedAccessed;
  const refuse = (condition: Refused['condition']): RefusedWalk => ({
    ...refused(condition),
    passed: passed.flatMap((entry) => flagged(entry, extended, false, rules)),
  });
  const { address, write } = access;
  if (!isCanonical(unit, stage, address, rules)) return refuse('notCanonical');
  const last = rules.permissionsComeLast;
  let table = stage.table;
  let rights = WRITE | USER;
  for (let level = stage.levels; level > 0; level--) {
    const top = level === stage.levels;
    const place = table + entryOffset(address, level);
    const at = translateTable(place, top, false);
    if (typeof at !== 'bigint') return refuse(at.condition);
    const entry = fetchEntry(at, (word) => memory.read(word), rules);
    if (entry === undefined) return refuse(top ? 'firstTableAccess' : 'firstEntryAccess');
    if ((entry & PRESENT) === 0n) return refuse('firstNotPresent');
    rights &= entry;
    if (!last) {
      const condition = objection(rights, access, stage);
      if (condition !== null) return refuse(condition);
    }
    const leaf = level === 1 || (hasLargePages(unit, level) && (entry & PAGE_SIZE) !== 0n);
    if ((entry & reservedBits(unit, level, leaf)) !== 0n) return refuse('firstReserved');
    const here = { place, at, entry, leaf };
    passed.push(here);
    if (!last)
      for (const update of flagged(here, extended, write, rules)) memory.write(update.address, update.value);
    if (!leaf) {
      table = entry & ADDRESS;
      continue;
    }
    const condition = last ? objection(rights, access, stage) : null;
    if (condition !== null) return refuse(condition);
    if (last) {
      const denied = setFlags(passed, extended, write, translateTable, memory, rules);
      if (denied !== null) return refuse(denied.condition);
    }
    const shift = levelShift(level);
    const output = entry & ADDRESS & ~below(shift);
    return { kind: 'leaf', output, shift, read: true, write: (rights & WRITE) !== 0n };
  }
  return refuse('firstReserved');
}

/** SGN.1: the bits above those that the tables translate are all equal to the highest of these. */
export function isCanonical(
  unit: VtdUnit,
  { levels, addressWidth }: FirstStage,
  address: bigint,
  rules: VtdArchitectureRules,
): boolean {
  const bits = rules.canonicalByLevels ? levelShift(levels + 1) : Math.min(addressWidth, unit.hostBits);
  const above = BigInt.asIntN(64, address) >> BigInt(bits - 1);
  return above === 0n || above === -1n;
}

/** SGN.2 and SGN.6. Requests without a PASID are a user's unless the context entry says otherwise. */
function objection(
  rights: bigint,
  { write, privileged }: FirstStageAccess,
  { writeProtect }: FirstStage,
): 'userNotAllowed' | 'firstWrite' | null {
  if (!privileged && (rights & USER) === 0n) return 'userNotAllowed';
  const mayWrite = (rights & WRITE) !== 0n || (privileged && !writeProtect);
  return write && !mayWrite ? 'firstWrite' : null;
}

function hasLargePages(unit: VtdUnit, level: number): boolean {
  return level === 2 || (level === 3 && unit.firstStage1G);
}

function reservedBits(unit: VtdUnit, level: number, leaf: boolean): bigint {
  const common = ADDRESS & beyond(unit.hostBits);
  if (!leaf) return common | PAGE_SIZE;
  return level === 1 ? common : common | (below(levelShift(level)) & beyond(LARGE_RESERVED_FROM));
}

/** An entry with the flags that its use sets; nothing if they are set. */
function flagged(
  { at, entry, leaf }: Passed,
  extended: boolean,
  write: boolean,
  rules: VtdArchitectureRules,
): readonly FlagUpdate[] {
  const flags = ACCESSED | (extended ? EXTENDED_ACCESSED : 0n) | (write && leaf ? DIRTY : 0n);
  if ((entry & flags) !== 0n && !rules.dirtyFlagIsAlwaysSet) return [];
  return (entry & flags) === flags ? [] : [{ address: at, value: entry | flags }];
}

/** SFS.8: in nested translation, an entry can be flagged only where the second stage lets it be written. */
function setFlags(
  passed: readonly Passed[],
  extended: boolean,
  write: boolean,
  translateTable: TranslateTable,
  memory: WalkMemory,
  rules: VtdArchitectureRules,
): Refused | null {
  for (const entry of passed) {
    for (const { address, value } of flagged(entry, extended, write, rules)) {
      const writable = translateTable(entry.place, false, true);
      if (typeof writable !== 'bigint') return writable;
      memory.write(address, value);
    }
  }
  return null;
}
