import { below, beyond, entryOffset, levelShift } from './address.ts';
import type { VtdCondition } from './condition.ts';
import type { SecondStage } from './configuration.ts';
import { fetchEntry, type Refused, refused, type VtdLeaf } from './leaf.ts';
import type { WalkMemory } from './outcome.ts';
import type { VtdArchitectureRules } from './rules.ts';
import type { VtdUnit } from './unit.ts';

/** Bits of second-stage paging entries (VT-d 9.10). */
const READ = 1n << 0n;
const WRITE = 1n << 1n;
const PAGE_SIZE = 1n << 7n;
const ACCESSED = 1n << 8n;
const DIRTY = 1n << 9n;
const SNOOP = 1n << 11n;
/** Once a hint (transient mapping); bits 61:52 and 63 are left to software. */
const BIT_62 = 1n << 62n;
const ADDRESS = below(52) & ~below(12);

/** Walks second-stage tables for an address (VT-d 3.7): the page, or the condition that refuses it. */
export function walkSecondStage(
  unit: VtdUnit,
  { table, levels, width, scalable, flags }: SecondStage,
  address: bigint,
  write: boolean,
  memory: WalkMemory,
  rules: VtdArchitectureRules,
): VtdLeaf | Refused {
  if ((address & beyond(Math.min(width, unit.inputBits))) !== 0n) return refused('beyondSecondStage');
  const missing = write ? 'secondWrite' : 'secondRead';
  const none = write ? 'secondNotPresentForWrite' : 'secondNotPresentForRead';
  const last = rules.permissionsComeLast;
  const passed: { readonly at: bigint; readonly entry: bigint }[] = [];
  let at = table;
  let rights = READ | WRITE;
  for (let level = levels; level > 0; level--) {
    const place = at + entryOffset(address, level);
    const entry = fetchEntry(place, (word) => memory.read(word), rules);
    if (entry === undefined) return refused(level === levels ? 'secondTableAccess' : 'secondEntryAccess');
    if (last ? (entry & (READ | WRITE)) === 0n : (entry & (write ? WRITE : READ)) === 0n)
      return refused(last ? none : missing);
    const leaf = level === 1 || (hasLargePages(unit, level) && (entry & PAGE_SIZE) !== 0n);
    if ((entry & reservedBits(unit, level, leaf, scalable, rules)) !== 0n) return refused('secondReserved');
    rights &= entry;
    passed.push({ at: place, entry });
    if (!leaf) {
      at = entry & ADDRESS;
      continue;
    }
    const condition = objection(rights, write, missing, none);
    if (condition !== null) return refused(condition);
    if (flags && unit.secondStageFlags && rules.secondStageFlagsAreWritten) setFlags(passed, write, memory);
    const shift = levelShift(level);
    return {
      kind: 'leaf',
      output: entry & ADDRESS & ~below(shift),
      shift,
      read: (rights & READ) !== 0n,
      write: (rights & WRITE) !== 0n,
    };
  }
  return refused('secondReserved');
}

function objection(
  rights: bigint,
  write: boolean,
  missing: VtdCondition,
  none: VtdCondition,
): VtdCondition | null {
  if ((rights & (READ | WRITE)) === 0n) return none;
  return (rights & (write ? WRITE : READ)) === 0n ? missing : null;
}

function hasLargePages(unit: VtdUnit, level: number): boolean {
  return (level === 2 && unit.secondStage2M) || (level === 3 && unit.secondStage1G);
}

function reservedBits(
  unit: VtdUnit,
  level: number,
  leaf: boolean,
  scalable: boolean,
  rules: VtdArchitectureRules,
): bigint {
  const common = (ADDRESS & beyond(unit.hostBits)) | BIT_62;
  if (!leaf) return common | SNOOP | PAGE_SIZE;
  const snoops = unit.snoopControl || (rules.snoopBitIsOfMode ? scalable : unit.scalable);
  return common | (snoops ? 0n : SNOOP) | (level === 1 ? 0n : below(levelShift(level)) & ADDRESS);
}

function setFlags(
  passed: readonly { readonly at: bigint; readonly entry: bigint }[],
  write: boolean,
  memory: WalkMemory,
): void {
  passed.forEach(({ at, entry }, index) => {
    const flagged = entry | ACCESSED | (write && index === passed.length - 1 ? DIRTY : 0n);
    if (flagged !== entry) memory.write(at, flagged);
  });
}
