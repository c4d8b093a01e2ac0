import type { FlagUpdate, VtdOutcome, VtdRequest } from '../../model/vtd/architecture/outcome.ts';
import { FAULT, type FaultRegisters, registersAfter } from '../../model/vtd/emulated/registers.ts';
import type { RecordedMemory } from './memory.ts';

export const NO_FAULT: FaultRegisters = Object.freeze({ record: [0n, 0n] as const, fsts: 0 });

/** What a recording shows of an access. */
export interface Observed {
  readonly pa: bigint | null;
  readonly value?: number | undefined;
  readonly changed?: ReadonlyMap<bigint, bigint> | undefined;
  /** As they stood after it. */
  readonly registers: FaultRegisters;
}

/** Accesses are 4 bytes wide. */
const BYTES = 4n;
/** Below it a PC has more than RAM. */
const LOW_MEMORY = 0x10_0000n;

/** Whether an outcome shows what was recorded, in every field that was. */
export function shows(
  outcome: VtdOutcome,
  request: VtdRequest,
  before: FaultRegisters,
  observed: Observed,
  memory: RecordedMemory,
): boolean {
  if (outcome.kind === 'ends') return false;
  const { record, fsts } = registersAfter(before, outcome, request);
  const seen = observed.registers;
  if (fsts !== seen.fsts || !sameRecord(record, seen.record)) return false;
  const changed = observed.changed ?? NOTHING;
  if (outcome.kind === 'translated') {
    if (!landsThere(outcome.address, observed.pa, memory)) return false;
    if (request.write) return writes(outcome.address, outcome.updates, changed, memory);
    return (
      reads(outcome.address, outcome.updates, observed.value, memory) && isExactly(changed, outcome.updates)
    );
  }
  if (observed.pa !== null || (observed.value ?? 0) !== 0) return false;
  if (outcome.kind !== 'fault') return changed.size === 0;
  const rest = [...changed].filter(([address, value]) => !includes(outcome.updates, address, value));
  return (
    changed.size - rest.length === outcome.updates.length &&
    rest.every(([address, value]) => includes(outcome.permitted, address, value))
  );
}

/** With F clear the other bits are what they were at some time before. */
function sameRecord(a: FaultRegisters['record'], b: FaultRegisters['record']): boolean {
  if ((a[1] & FAULT) === 0n && (b[1] & FAULT) === 0n) return true;
  return a[0] === b[0] && a[1] === b[1];
}

const NOTHING: ReadonlyMap<bigint, bigint> = new Map();

/** An access is seen in the stamped region, and a write in the tables too. */
function landsThere(address: bigint, pa: bigint | null, memory: RecordedMemory): boolean {
  return pa === null ? !memory.isStamped(address, BYTES) : pa === address;
}

function includes(updates: readonly FlagUpdate[], address: bigint, value: bigint): boolean {
  return updates.some((each) => each.address === address && each.value === value);
}

function isExactly(changed: ReadonlyMap<bigint, bigint>, updates: readonly FlagUpdate[]): boolean {
  return (
    changed.size === updates.length && updates.every(({ address, value }) => changed.get(address) === value)
  );
}

function wordAfter(
  address: bigint,
  updates: readonly FlagUpdate[],
  memory: RecordedMemory,
): bigint | undefined {
  return updates.find((each) => each.address === address)?.value ?? memory.read(address);
}

function reads(
  address: bigint,
  updates: readonly FlagUpdate[],
  value: number | undefined,
  memory: RecordedMemory,
): boolean {
  if (value === undefined || address < LOW_MEMORY || !memory.isRam(address, BYTES)) return true;
  const half = address & 4n;
  const word = wordAfter(address - half, updates, memory) ?? 0n;
  return Number((word >> (half * 8n)) & 0xffff_ffffn) === value;
}

/** A write that hits a table changes half of a word there; what it writes is not recorded otherwise. */
function writes(
  address: bigint,
  updates: readonly FlagUpdate[],
  changed: ReadonlyMap<bigint, bigint>,
  memory: RecordedMemory,
): boolean {
  const half = address & 4n;
  const place = address - half;
  const hit = memory.isStamped(address, BYTES) ? undefined : changed.get(place);
  if (hit === undefined) return isExactly(changed, updates);
  const kept = ~(0xffff_ffffn << (half * 8n));
  const before = wordAfter(place, updates, memory);
  if (before === undefined || (hit & kept) !== (before & kept)) return false;
  const others = updates.filter((each) => each.address !== place);
  return isExactly(new Map([...changed].filter(([each]) => each !== place)), others);
}
