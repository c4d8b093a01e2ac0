import { decode } from '../../../spec/bits.ts';
import { faultRecord } from '../../../spec/vtd/fault.ts';
import { queueAddress } from '../../../spec/vtd/registers.ts';
import type { VtdOutcome, VtdRequest } from '../architecture/outcome.ts';
import { recordOf } from '../architecture/report.ts';

/** The registers of an emulated unit, as they are read, and what it has made of them. */
export interface VtdRegisters {
  readonly gsts: number;
  readonly fsts: number;
  readonly record: readonly [bigint, bigint];
  readonly rtaddr: bigint;
  readonly ccmd: bigint;
  readonly iva: bigint;
  readonly iotlb: bigint;
  readonly iqa: bigint;
  readonly iqt: bigint;
  readonly iqh: bigint;
  readonly ics: number;
  readonly queue: InvalidationQueue;
}

export interface InvalidationQueue {
  /** Where it is and how many descriptors it has, as IQA said when it was turned on. */
  readonly base: bigint;
  readonly size: number;
  readonly head: number;
  readonly tail: number;
  /** What the last descriptor was that was fetched; null: it could not be, or none was. */
  readonly last: number | null;
}

export const PFO = 1 << 0;
export const PPF = 1 << 1;
export const IQE = 1 << 4;
export const FAULT = 1n << 63n;

export const RESET_REGISTERS: VtdRegisters = Object.freeze({
  gsts: 0,
  fsts: 0,
  record: [0n, 0n] as const,
  rtaddr: 0n,
  ccmd: 0n,
  iva: 0n,
  iotlb: 0n,
  iqa: 0n,
  iqt: 0n,
  iqh: 0n,
  ics: 0,
  queue: { base: 0n, size: 0, head: 0, tail: 0, last: null },
});

/** The part of the registers that says what faulted. */
export interface FaultRegisters {
  readonly record: readonly [bigint, bigint];
  readonly fsts: number;
}

/**
 * Fault registers after an access: a unit with one recording register drops what comes while it is in use, and says so
 * unless it comes from the same source (VT-d 7.2.1).
 */
export function registersAfter(
  before: FaultRegisters,
  outcome: VtdOutcome,
  request: VtdRequest,
): FaultRegisters {
  if (outcome.kind !== 'fault' || !outcome.recorded || (before.fsts & PFO) !== 0) return before;
  if ((before.record[1] & FAULT) === 0n)
    return { record: recordOf(request, outcome.reason), fsts: before.fsts | PPF };
  const { SID } = decode(faultRecord, before.record);
  return SID === request.sourceId ? before : { record: before.record, fsts: before.fsts | PFO };
}

/** Words of a descriptor, by what IQA says now. */
export function descriptorWords({ iqa }: Pick<VtdRegisters, 'iqa'>): 2 | 4 {
  return decode(queueAddress, [iqa]).DW === 1 ? 4 : 2;
}

/** How many descriptors the queue has that IQA describes. */
export function queueSize({ iqa }: Pick<VtdRegisters, 'iqa'>): number {
  return 2 ** (decode(queueAddress, [iqa]).QS + (descriptorWords({ iqa }) === 4 ? 7 : 8));
}

/** The index in an IQT or IQH register. */
export function indexIn(value: bigint, words: 2 | 4): number {
  return words === 4 ? Number((value >> 5n) & 0x3fffn) : Number((value >> 4n) & 0x7fffn);
}

/** The register that holds an index. */
export function registerOf(index: number, words: 2 | 4): bigint {
  return BigInt(index) * BigInt(8 * words);
}
