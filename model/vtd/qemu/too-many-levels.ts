import { beyond, levelShift } from '../architecture/address.ts';
import type { VtdCondition } from '../architecture/condition.ts';
import type { VtdConfiguration } from '../architecture/configuration.ts';
import { isCanonical } from '../architecture/first-stage.ts';
import type { VtdRequest, WalkMemory } from '../architecture/outcome.ts';
import type { VtdArchitectureRules } from '../architecture/rules.ts';
import type { VtdUnit } from '../architecture/unit.ts';

/** QEMU has reserved bits of tables of so many levels (VTD_SPTE_RSVD_LEN), and asserts that there are no more. */
const MOST_LEVELS = 4;
const READ = 1n;
const WRITE = 2n;
const USER = 4n;
const ENTRY_BYTES = 8n;
/** What an address is shifted by is taken modulo this, as x86-64 does. */
const WORD_BITS = 64;

/**
 * What becomes of a request whose tables have more levels than there are, which nothing has refused since the context entry is
 * cached and FPD is set: the top entry is still looked at, then the emulator ends. Null: they have not, or the rules bound them.
 */
export function beyondLevels(
  unit: VtdUnit,
  configuration: VtdConfiguration,
  { address, write }: VtdRequest,
  memory: WalkMemory,
  rules: VtdArchitectureRules,
): 'ends' | VtdCondition | null {
  if (rules.levelsAreBounded) return null;
  if (configuration.kind === 'second' && configuration.second.levels > MOST_LEVELS) {
    const { table, levels, width } = configuration.second;
    if ((address & beyond(Math.min(width, unit.inputBits))) !== 0n) return 'beyondSecondStage';
    const entry = topEntry(table, levels, address, memory);
    if (entry === null) return 'secondTableAccess';
    if ((entry & (write ? WRITE : READ)) === 0n) return write ? 'secondWrite' : 'secondRead';
    return 'ends';
  }
  if (configuration.kind === 'first' && configuration.first.levels > MOST_LEVELS) {
    const { table, levels } = configuration.first;
    if (!isCanonical(unit, configuration.first, address, rules)) return 'notCanonical';
    const entry = topEntry(table, levels, address, memory);
    if (entry === null) return 'firstTableAccess';
    if ((entry & READ) === 0n) return 'firstNotPresent';
    if ((entry & USER) === 0n) return 'userNotAllowed';
    return write && (entry & WRITE) === 0n ? 'firstWrite' : 'ends';
  }
  return null;
}

const ALL_ONES = (1n << 64n) - 1n;

/** Null: it could not be read, or reads as if it could not. */
function topEntry(table: bigint, levels: number, address: bigint, memory: WalkMemory): bigint | null {
  const index = (address >> BigInt(levelShift(levels) % WORD_BITS)) & 0x1ffn;
  const entry = memory.read(table + index * ENTRY_BYTES);
  return entry === undefined || entry === ALL_ONES ? null : entry;
}
