import { lowMask } from '../architecture/address.ts';
import { NO_ASID, type Tlb, type TlbEntry } from './tlb.ts';

/** What an invalidation by address carries; no ASID: every ASID. */
export interface AddressRange {
  readonly asid: number | undefined;
  readonly vmid: number;
  readonly address: bigint;
  /** TG, NUM, SCALE and TTL of the command; TG = 0: one page of 4 KiB. */
  readonly tg: number;
  readonly num: number;
  readonly scale: number;
  readonly ttl: number;
}

type Matches = (entry: TlbEntry) => boolean;

export function dropWhere(tlb: Tlb, matches: Matches): Tlb {
  const kept = tlb.filter((entry) => !matches(entry));
  return kept.length === tlb.length ? tlb : kept;
}

/** TLBI_NH_VA and TLBI_NH_VAA: without an ASID, entries of the IPA space are matched too. */
export function dropVirtual(tlb: Tlb, range: AddressRange): Tlb {
  const tagged: Matches = ({ asid, vmid }) =>
    vmid === range.vmid && (range.asid === undefined || asid === range.asid);
  return dropRange(tlb, range, tagged, range.asid);
}

/** TLBI_S2_IPA: entries of the IPA space only, so that nested translations survive. */
export function dropIntermediate(tlb: Tlb, range: AddressRange): Tlb {
  const tagged: Matches = ({ asid, vmid }) => asid === NO_ASID && vmid === range.vmid;
  return dropRange(tlb, range, tagged, NO_ASID);
}

function dropRange(tlb: Tlb, range: AddressRange, tagged: Matches, exactAsid: number | undefined): Tlb {
  let left = tlb;
  for (const { address, bits, pages } of chunksOf(range)) {
    const exact =
      range.ttl !== 0 && pages === 1n && exactAsid !== undefined
        ? left.find((entry) => isExactly(entry, range, exactAsid, address))
        : undefined;
    left =
      exact === undefined
        ? dropWhere(left, (entry) => tagged(entry) && overlaps(entry, address, bits))
        : dropWhere(left, (entry) => entry === exact);
  }
  return left;
}

/** The entry that TTL points at; where there is none, the range decides. */
function isExactly(entry: TlbEntry, range: AddressRange, asid: number, address: bigint): boolean {
  return (
    entry.asid === asid &&
    entry.vmid === range.vmid &&
    entry.granule === granuleOf(range.tg) &&
    entry.level === range.ttl &&
    entry.input === address &&
    range.tg !== 0
  );
}

function overlaps(entry: TlbEntry, address: bigint, bits: number): boolean {
  return (address & ~lowMask(entry.shift)) === entry.input || (entry.input & ~lowMask(bits)) === address;
}

/** log2 of the granule of a TG field. */
function granuleOf(tg: number): number {
  return tg === 0 ? 12 : 10 + 2 * tg;
}

interface Chunk {
  readonly address: bigint;
  /** log2 of the size in bytes. */
  readonly bits: number;
  readonly pages: bigint;
}

/** A range as naturally aligned powers of two. */
function chunksOf({ address, tg, num, scale }: AddressRange): Chunk[] {
  const granule = granuleOf(tg);
  if (tg === 0) return [{ address, bits: granule, pages: 1n }];
  const chunks: Chunk[] = [];
  let at = address;
  let left = BigInt(num + 1) << BigInt(scale + granule);
  while (left > 0n) {
    const bits = Math.min(trailingZeros(at), bitLength(left) - 1);
    chunks.push({ address: at, bits, pages: 1n << BigInt(Math.max(bits - granule, 0)) });
    at = BigInt.asUintN(64, at + (1n << BigInt(bits)));
    left -= 1n << BigInt(bits);
  }
  return chunks;
}

function trailingZeros(address: bigint): number {
  return address === 0n ? 64 : bitLength(address & -address) - 1;
}

function bitLength(value: bigint): number {
  return value.toString(2).length;
}
