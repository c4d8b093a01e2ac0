import { lowMask } from '../../../spec/smmuv3/address.ts';
import { bytesNamed } from '../../../spec/smmuv3/invalidation.ts';
import type { SmmuArchitectureRules } from '../architecture/rules.ts';
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
export function dropVirtual(tlb: Tlb, range: AddressRange, rules: SmmuArchitectureRules): Tlb {
  const tagged: Matches = ({ asid, vmid }) =>
    vmid === range.vmid && (range.asid === undefined || asid === range.asid);
  return dropRange(tlb, range, tagged, range.asid, rules);
}

/** TLBI_S2_IPA: entries of the IPA space only, so that nested translations survive. */
export function dropIntermediate(tlb: Tlb, range: AddressRange, rules: SmmuArchitectureRules): Tlb {
  const tagged: Matches = ({ asid, vmid }) => asid === NO_ASID && vmid === range.vmid;
  return dropRange(tlb, range, tagged, NO_ASID, rules);
}

function dropRange(
  tlb: Tlb,
  range: AddressRange,
  tagged: Matches,
  exactAsid: number | undefined,
  rules: SmmuArchitectureRules,
): Tlb {
  let left = tlb;
  const granule = granuleOf(range.tg, rules);
  for (const { address, mask } of rules.invalidatedPieces(range.address, bytesOf(range, rules), granule)) {
    const exact =
      range.ttl !== 0 && mask >> BigInt(granule) === 0n && exactAsid !== undefined
        ? left.find((entry) => isExactly(entry, range, exactAsid, address, rules))
        : undefined;
    left =
      exact === undefined
        ? dropWhere(left, (entry) => tagged(entry) && overlaps(entry, address, mask))
        : dropWhere(left, (entry) => entry === exact);
  }
  return left;
}

/** The entry that TTL points at; where there is none, the range decides. */
function isExactly(
  entry: TlbEntry,
  range: AddressRange,
  asid: number,
  address: bigint,
  rules: SmmuArchitectureRules,
): boolean {
  return (
    entry.asid === asid &&
    entry.vmid === range.vmid &&
    entry.granule === granuleOf(range.tg, rules) &&
    entry.level === range.ttl &&
    entry.input === address &&
    range.tg !== 0
  );
}

function overlaps(entry: TlbEntry, address: bigint, mask: bigint): boolean {
  return (address & ~lowMask(entry.shift)) === entry.input || (entry.input & ~mask) === address;
}

/** log2 of the granule of a TG field. */
function granuleOf(tg: number, rules: SmmuArchitectureRules): number {
  return tg === 0 ? 12 : rules.invalidatedGranule(tg);
}

function bytesOf({ tg, num, scale }: AddressRange, rules: SmmuArchitectureRules): bigint {
  const granule = granuleOf(tg, rules);
  return tg === 0 ? 1n << BigInt(granule) : bytesNamed({ NUM: num, SCALE: scale }, granule);
}
