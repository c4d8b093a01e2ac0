import { type GranuleShift, outputMask } from '../../../spec/smmuv3/address.ts';
import type { ReadMemory64 } from './access.ts';

/**
 * Descriptor bits of VMSAv8-64 (Arm ARM D8.3). The low twelve bits and the upper thirteen are looked at as numbers, which
 * is far cheaper than testing bits of a bigint.
 */
export const low = {
  valid: 1 << 0,
  tableOrPage: 1 << 1,
  memAttr: 0b1111 << 2,
  /** Stage 1: AP[1], unprivileged access. Stage 2: S2AP[0], read. */
  ap1: 1 << 6,
  /** Stage 1: AP[2], read-only. Stage 2: S2AP[1], write. */
  ap2: 1 << 7,
  accessFlag: 1 << 10,
} as const;

/** Bits [63:51], shifted down by `HIGH_SHIFT`. */
export const HIGH_SHIFT = 51n;
export const high = {
  dirtyBitModifier: 1 << 0,
  pxn: 1 << 2,
  uxn: 1 << 3,
  pxnTable: 1 << 8,
  uxnTable: 1 << 9,
  /** APTable[0]: no unprivileged access below this table. */
  apTable0: 1 << 10,
  /** APTable[1]: no writes below this table. */
  apTable1: 1 << 11,
} as const;

/** What a descriptor is, at its level: the address of the next table, of a page or block, or nothing. */
export type DescriptorKind = 'table' | 'leaf' | 'invalid';

const LOW_BITS = 0xfffn;

export function lowBits(descriptor: bigint): number {
  return Number(descriptor & LOW_BITS);
}

export function highBits(descriptor: bigint): number {
  return Number(descriptor >> HIGH_SHIFT);
}

export function kindOf(bits: number, level: number, blockAllowed: boolean): DescriptorKind {
  if ((bits & low.valid) === 0) return 'invalid';
  const tableOrPage = (bits & low.tableOrPage) !== 0;
  if (level === 3) return tableOrPage ? 'leaf' : 'invalid';
  if (tableOrPage) return 'table';
  return blockAllowed ? 'leaf' : 'invalid';
}

/** The address that a table descriptor points at. */
export function nextTable(descriptor: bigint, granule: GranuleShift): bigint {
  return descriptor & outputMask(granule);
}

/** Reads a descriptor of tables of either endianness. */
export function readDescriptor(address: bigint, bigEndian: boolean, read: ReadMemory64): bigint | undefined {
  const word = read(address);
  return word !== undefined && bigEndian ? swapBytes(word) : word;
}

function swapBytes(word: bigint): bigint {
  let swapped = 0n;
  for (let byte = 0n; byte < 64n; byte += 8n) swapped = (swapped << 8n) | ((word >> byte) & 0xffn);
  return swapped;
}

/** The page or block that a walk ended at, with what it permits to the access that was walked for. */
export interface Leaf {
  readonly kind: 'leaf';
  readonly output: bigint;
  /** log2 of its size. */
  readonly shift: number;
  readonly level: number;
  readonly granule: GranuleShift;
  readonly read: boolean;
  readonly write: boolean;
}
