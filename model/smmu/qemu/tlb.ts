import { type GranuleShift, levelShift, lowMask, strideOf } from '../../../spec/smmuv3/address.ts';
import type { Leaf } from '../architecture/descriptor.ts';

/** Entries of the IPA space, which no stage 1 produced, are tagged with this instead of an ASID. */
export const NO_ASID = -1;

/** One cached translation, of a VA or of an IPA, of the smaller of the two stages' sizes. */
export interface TlbEntry {
  readonly asid: number;
  readonly vmid: number;
  readonly granule: GranuleShift;
  readonly level: number;
  /** First input address. */
  readonly input: bigint;
  readonly output: bigint;
  /** log2 of the size. */
  readonly shift: number;
  /** What the first stage that took part permits. */
  readonly read: boolean;
  readonly write: boolean;
  /** What stage 2 permits; the same as `write` where one stage took part. */
  readonly stage2Write: boolean;
}

/** The translation cache: at most `CAPACITY` entries, no two with the same tags, level, granule and input. */
export type Tlb = readonly TlbEntry[];

const CAPACITY = 256;

/** What a lookup is made with: the tags, and the geometry of the tables that would be walked. */
export interface TlbTags {
  readonly asid: number;
  readonly vmid: number;
  readonly inputBits: number;
  readonly granule: GranuleShift;
}

/** The entry that covers an address at any level, the largest first. */
export function find(tlb: Tlb, tags: TlbTags, address: bigint): TlbEntry | undefined {
  const { asid, vmid, granule, inputBits } = tags;
  const stride = strideOf(granule);
  for (let level = 4 - Math.floor((inputBits - 4) / stride); level <= 3; level++) {
    const input = address & ~lowMask(levelShift(granule, level));
    for (const entry of tlb) {
      if (
        entry.input === input &&
        entry.level === level &&
        entry.granule === granule &&
        entry.asid === asid &&
        entry.vmid === vmid
      )
        return entry;
    }
  }
  return undefined;
}

/** The cache with one more entry; a full cache is emptied first. */
export function insert(tlb: Tlb, entry: TlbEntry): Tlb {
  return tlb.length >= CAPACITY ? [entry] : [...tlb, entry];
}

/** The entry of a translation by one stage. */
export function singleStage(leaf: Leaf, address: bigint, asid: number, vmid: number): TlbEntry {
  return {
    asid,
    vmid,
    granule: leaf.granule,
    level: leaf.level,
    input: address & ~lowMask(leaf.shift),
    output: leaf.output,
    shift: leaf.shift,
    read: leaf.read,
    write: leaf.write,
    stage2Write: leaf.write,
  };
}

/** The entry of a nested translation: it spans what both stages map as one piece. */
export function bothStages(
  stage1: Leaf,
  stage2: Leaf,
  address: bigint,
  asid: number,
  vmid: number,
): TlbEntry {
  const smaller = stage2.shift < stage1.shift ? stage2 : stage1;
  return {
    asid,
    vmid,
    granule: smaller.granule,
    level: smaller.level,
    input: address & ~lowMask(smaller.shift),
    output: stage2.output | (stage1.output & lowMask(stage2.shift)),
    shift: smaller.shift,
    read: stage1.read,
    write: stage1.write,
    stage2Write: stage2.write,
  };
}

/** The address that an entry gives for an input that it covers. */
export function outputOf(entry: TlbEntry, address: bigint): bigint {
  return entry.output + (address & lowMask(entry.shift));
}
