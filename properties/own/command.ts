import { bits } from './bits.ts';

/* What the words of an SMMUv3's commands say (IHI0070 4.3 to 4.5), read anew: oracles share nothing with the model. */

export type Pair = readonly [bigint, bigint];

export const OPCODE = {
  CFGI_STE: 0x03,
  CFGI_STE_RANGE: 0x04,
  CFGI_CD: 0x05,
  CFGI_CD_ALL: 0x06,
  NH_ALL: 0x10,
  NH_ASID: 0x11,
  NH_VA: 0x12,
  NH_VAA: 0x13,
  S12_VMALL: 0x28,
  S2_IPA: 0x2a,
  NSNH_ALL: 0x30,
  ATC_INV: 0x40,
} as const;

export function opcodeOf([first]: Pair): number {
  return bits(first, 0, 8);
}

export function streamOf([first]: Pair): number {
  return bits(first, 32, 32);
}

export function vmidOf([first]: Pair): number {
  return bits(first, 32, 16);
}

export function asidOf([first]: Pair): number {
  return bits(first, 48, 16);
}

export function substreamOf([first]: Pair): number {
  return bits(first, 12, 20);
}

/** Whether a CFGI_STE_RANGE has a StreamID: those that have all but the low bits alike; with 31 these are all 32. */
export function rangeHas(command: Pair, stream: number): boolean {
  const low = 2 ** (bits(command[1], 0, 5) + 1);
  return Math.floor(streamOf(command) / low) === Math.floor(stream / low);
}
