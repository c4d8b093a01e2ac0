import type { Command } from './command.ts';

/*
 * What an invalidation command names (IHI0070 4.3 and 4.4): the one place that does this arithmetic. What a cache does
 * about it is the machines' affair, and an implementation's mistakes are overrides.
 */

/** The StreamIDs of CMD_CFGI_STE_RANGE: 2^(range + 1), aligned to their number (IHI0070 4.3.2). CMD_CFGI_ALL is that of all. */
export function steRange(start: number, range: number): { readonly first: number; readonly last: number } {
  const size = 2 ** (range + 1);
  const first = start - (start % size);
  return { first, last: first + size - 1 };
}

/** Whether CMD_CFGI_STE_RANGE names a stream. */
export function steRangeHas(start: number, range: number, streamId: number): boolean {
  const { first, last } = steRange(start, range);
  return first <= streamId && streamId <= last;
}

/** The streams whose STE a command names; `inRange`: as the SMMU in question reads a range. */
export function streamsNamed(
  { name, fields }: Command<'CFGI_STE' | 'CFGI_STE_RANGE'>,
  inRange: typeof steRangeHas = steRangeHas,
): (streamId: number) => boolean {
  if (name === 'CFGI_STE') return (streamId) => streamId === fields.StreamID;
  return (streamId) => inRange(fields.StreamID, fields.Range, streamId);
}

/** What a command names of configuration (IHI0070 4.3). An STE takes along the CDs that were found through it. */
export interface ConfigurationNamed {
  stream(streamId: number): boolean;
  /** STEs too, and not only CDs. */
  readonly ste: boolean;
  /** The SubstreamID of the CD; null: all of them. */
  readonly substream: number | null;
}

/** Null: it is no command about configuration. */
export function configurationNamed(
  command: Command,
  inRange: typeof steRangeHas = steRangeHas,
): ConfigurationNamed | null {
  switch (command.name) {
    case 'CFGI_STE':
    case 'CFGI_STE_RANGE':
      return { stream: streamsNamed(command, inRange), ste: true, substream: null };
    case 'CFGI_CD':
    case 'CFGI_CD_ALL': {
      const { StreamID } = command.fields;
      const substream = command.name === 'CFGI_CD' ? command.fields.SubstreamID : null;
      return { stream: (streamId) => streamId === StreamID, ste: false, substream };
    }
    default:
      return null;
  }
}

/** Whether translations with these tags are named. `asid` null: of every ASID (nG = 0); `stage2`: of stage 2 alone. */
export type TagsNamed = (vmid: number, asid: number | null, stage2: boolean) => boolean;

/**
 * What a command names of translations, by tags (IHI0070 4.4): NH commands those of stage 1 and nested ones; those of stage 2
 * alone go by S2_IPA and VMALL. Null: it is no such command.
 */
export function tagsNamed(command: Command): TagsNamed | null {
  switch (command.name) {
    case 'TLBI_NSNH_ALL':
      return () => true;
    case 'TLBI_S12_VMALL': {
      const { VMID } = command.fields;
      return (vmid) => vmid === VMID;
    }
    case 'TLBI_S2_IPA': {
      const { VMID } = command.fields;
      return (vmid, _asid, stage2) => stage2 && vmid === VMID;
    }
    case 'TLBI_NH_ALL':
    case 'TLBI_NH_VAA': {
      const { VMID } = command.fields;
      return (vmid, _asid, stage2) => !stage2 && vmid === VMID;
    }
    case 'TLBI_NH_ASID': {
      const { VMID, ASID } = command.fields;
      return (vmid, asid, stage2) => !stage2 && vmid === VMID && asid === ASID;
    }
    case 'TLBI_NH_VA': {
      const { VMID, ASID } = command.fields;
      return (vmid, asid, stage2) => !stage2 && vmid === VMID && (asid === null || asid === ASID);
    }
    default:
      return null;
  }
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

/** log2 of the granule of a TG field that is not 0. */
export function granuleOf(tg: number): number {
  return 10 + 2 * tg;
}

/** Bytes of a range of (NUM + 1) * 2^SCALE granules. */
export function bytesNamed({ NUM, SCALE }: Pick<AddressFields, 'NUM' | 'SCALE'>, granule: number): bigint {
  return BigInt(NUM + 1) << BigInt(SCALE + granule);
}

/**
 * The input addresses that a TLB invalidation names (IHI0070 4.4.1.1): those of a page, or of (NUM + 1) * 2^SCALE granules
 * where TG has one. Null: none of these translations, since theirs is another granule or level.
 */
export function addressesNamed(
  { Address, TG, TTL, NUM, SCALE }: AddressFields,
  { ranges, granule, level }: Translations,
): AddressRange | null {
  const ranged = ranges && TG !== 0;
  const shift = ranged ? granuleOf(TG) : SMALLEST_GRANULE;
  const first = (Address >> BigInt(shift)) << BigInt(shift);
  if (!ranged) return { first, last: first + (1n << BigInt(shift)) - 1n };
  if (granule !== undefined && shift !== granule) return null;
  if (level !== undefined && TTL !== 0 && TTL !== level) return null;
  return { first, last: first + bytesNamed({ NUM, SCALE }, shift) - 1n };
}

/** CMD_ATC_INV's Size that means everything. */
const EVERY_ADDRESS = 52;

/** The pages of 4 KiB that CMD_ATC_INV names: 2^Size, aligned to their number (IHI0070 4.5.1). */
export function atcPagesNamed({ Size, Address }: { readonly Size: number; readonly Address: bigint }): {
  readonly first: number;
  readonly last: number;
} {
  if (Size >= EVERY_ADDRESS) return { first: 0, last: Number.POSITIVE_INFINITY };
  const first = Math.floor(Number(Address >> BigInt(SMALLEST_GRANULE)) / 2 ** Size) * 2 ** Size;
  return { first, last: first + 2 ** Size - 1 };
}
