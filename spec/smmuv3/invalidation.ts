import type { Command } from './command.ts';

/*
 * What an invalidation command names (IHI0070 4.3 and 4.4): the one place that does this arithmetic. What a cache does
 * about it is the machines' affair, and an implementation's mistakes are overrides.
 */

/** CMD_CFGI_STE_RANGE.Range of CMD_CFGI_ALL. */
const EVERY_STREAM = 31;

/** Whether a range of 2^(range + 1) StreamIDs, aligned to its size, has one of them (IHI0070 4.3.2). */
export function steRangeHas(start: number, range: number, streamId: number): boolean {
  if (range >= EVERY_STREAM) return true;
  const size = 2 ** (range + 1);
  return Math.floor(start / size) === Math.floor(streamId / size);
}

/** The streams whose STE a command names. */
export function streamsNamed({
  name,
  fields,
}: Command<'CFGI_STE' | 'CFGI_STE_RANGE'>): (streamId: number) => boolean {
  if (name === 'CFGI_STE') return (streamId) => streamId === fields.StreamID;
  return (streamId) => steRangeHas(fields.StreamID, fields.Range, streamId);
}

/** The fields of CMD_TLBI_NH_VA, _NH_VAA and _S2_IPA that say which addresses. */
export interface AddressFields {
  readonly Address: bigint;
  readonly TG: number;
  readonly TTL: number;
  readonly NUM: number;
  readonly SCALE: number;
}

/** Input addresses, in bytes; both ends included. */
export interface AddressRange {
  readonly first: bigint;
  readonly last: bigint;
}

/** What is known of the translations that a command may name. */
export interface Translations {
  /** The SMMU has range invalidation (IDR3.RIL); without it TG, TTL, NUM and SCALE are RES0. */
  readonly ranges: boolean;
  /** Bytes of their granule, as a power of two; undefined: any. */
  readonly granule?: number;
  /** The level of their leaves; undefined: any. */
  readonly level?: number;
}

const SMALLEST_GRANULE = 12;

/**
 * The input addresses that a TLB invalidation names (IHI0070 4.4.1.1): those of a page, or of (NUM + 1) * 2^SCALE granules
 * where TG has one. Null: none of these translations, since theirs is another granule or level.
 */
export function addressesNamed(
  { Address, TG, TTL, NUM, SCALE }: AddressFields,
  { ranges, granule, level }: Translations,
): AddressRange | null {
  const shift = BigInt(!ranges || TG === 0 ? SMALLEST_GRANULE : 10 + 2 * TG);
  const first = (Address >> shift) << shift;
  if (!ranges || TG === 0) return { first, last: first + (1n << shift) - 1n };
  if (granule !== undefined && shift !== BigInt(granule)) return null;
  if (level !== undefined && TTL !== 0 && TTL !== level) return null;
  return { first, last: first + (BigInt(NUM + 1) << (BigInt(SCALE) + shift)) - 1n };
}
