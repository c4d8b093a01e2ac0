import { decode } from '../../../spec/bits.ts';
import { encodeCommand } from '../../../spec/smmuv3/command.ts';
import { idr3 } from '../../../spec/smmuv3/id-registers.ts';
import type { CommandWords } from '../../iommufd/drivers/driver.ts';
import type { Interval } from '../../iommufd/interval.ts';
import type { IommuHardware } from '../../platform/platform.ts';
import type { SmmuDriverRules } from './rules.ts';

/** A tag under which translations of a domain are cached. Stage-1 domains of the host have VMID 0. */
export type Tag =
  | { readonly kind: 'asid'; readonly asid: number }
  | { readonly kind: 'vmid'; readonly vmid: number; readonly nestParent: boolean };

export const SYNC: CommandWords = encodeCommand('SYNC');

/** What empties the TLB of everything under a tag (arm_smmu_inv_flush_iotlb_tag()). */
export function flushTag(tag: Tag): readonly CommandWords[] {
  return tag.kind === 'asid'
    ? [encodeCommand('TLBI_NH_ASID', { VMID: 0, ASID: tag.asid }), SYNC]
    : [encodeCommand('TLBI_S12_VMALL', { VMID: tag.vmid }), SYNC];
}

/** What follows the unmapping of ranges of a domain, of each by itself (arm_smmu_domain_inv_range()). */
export function flushRanges(
  tag: Tag,
  ranges: readonly Interval[],
  hardware: IommuHardware,
  rules: SmmuDriverRules,
): readonly CommandWords[] {
  const ranged = decode(idr3, [BigInt(hardware.idr[3] ?? 0)]).RIL === 1;
  return ranges.flatMap((range) => {
    const pages = (range.last - range.start + 1n) >> PAGE_SHIFT;
    return !ranged && rules.isTooManyPages(pages)
      ? flushTooMany(tag, rules)
      : flushRange(tag, rangeChunks(range.start, pages, ranged, rules), rules);
  });
}

/** TLBI_S12_VMALL takes nested translations along. */
function flushTooMany(tag: Tag, rules: SmmuDriverRules): readonly CommandWords[] {
  const invalidates =
    tag.kind === 'asid' ? rules.unmapInvalidatesVirtual : rules.unmapInvalidatesIntermediate;
  if (!invalidates) return [];
  return flushTag(tag.kind === 'asid' ? { ...tag, asid: rules.unmapInvalidatesAsid(tag.asid) } : tag);
}

function flushRange(
  tag: Tag,
  chunks: readonly RangeChunk[],
  rules: SmmuDriverRules,
): readonly CommandWords[] {
  if (tag.kind === 'asid') {
    if (!rules.unmapInvalidatesVirtual) return [];
    const ASID = rules.unmapInvalidatesAsid(tag.asid);
    return [...chunks.map((chunk) => encodeCommand('TLBI_NH_VA', { ...chunk, VMID: 0, ASID })), SYNC];
  }
  const commands: CommandWords[] = [];
  if (rules.unmapInvalidatesIntermediate)
    commands.push(...chunks.map((chunk) => encodeCommand('TLBI_S2_IPA', { ...chunk, VMID: tag.vmid })));
  if (rules.syncsBetweenStages) commands.push(SYNC);
  if (tag.nestParent && rules.unmapClearsNested)
    commands.push(encodeCommand('TLBI_NH_ALL', { VMID: tag.vmid }));
  return [...commands, SYNC];
}

interface RangeChunk {
  readonly Address: bigint;
  readonly Leaf: number;
  readonly TG?: number;
  readonly TTL?: number;
  readonly NUM?: number;
  readonly SCALE?: number;
}

const PAGE_SHIFT = 12n;
const LARGEST_NUM = 31n;
const TG_4K = 1;
const PAGE_LEVEL = 3;
const ANY_LEVEL = 0;

/** A range as commands cover it: with range invalidation up to 31 * 2^SCALE pages each, else page by page. */
function rangeChunks(
  start: bigint,
  count: bigint,
  ranged: boolean,
  rules: SmmuDriverRules,
): readonly RangeChunk[] {
  const chunks: RangeChunk[] = [];
  let address = start;
  let pages = count;
  while (pages > 0n) {
    let size = 1n;
    if (ranged) {
      let scale = 0n;
      while (((pages >> scale) & 1n) === 0n) scale++;
      const num = (pages >> scale) & LARGEST_NUM;
      size = num << scale;
      chunks.push({
        Address: address,
        Leaf: 1,
        TG: TG_4K,
        TTL: rules.rangeNamesLevel ? PAGE_LEVEL : ANY_LEVEL,
        NUM: Number(num) - 1,
        SCALE: Number(scale),
      });
    } else {
      chunks.push({ Address: address, Leaf: 1 });
    }
    pages -= size;
    address += size << PAGE_SHIFT;
  }
  return chunks;
}
