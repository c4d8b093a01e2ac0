import {
  ContextGranularity,
  encodeDescriptor,
  IotlbGranularity,
  PasidCacheGranularity,
  PasidIotlbGranularity,
} from '../../../spec/vtd/descriptor.ts';
import type { FlushedRange } from '../../iommufd/drivers/driver.ts';
import type { VtdFeatures } from '../../platform/vtd-features.ts';
import type { Words } from '../../world/command.ts';
import type { VtdRules } from './rules.ts';

const PAGE_SHIFT = 12n;
const PAGE_OFFSET = 0xfffn;
const EVERYTHING = (1n << 64n) - 1n;

/** Bits of a page number: a mask of that many covers all of them. */
const EVERY_PAGE = 52;

/** What a device and one of its PASIDs have in caches (struct cache_tag). */
export interface Tag {
  readonly sid: number;
  /** The device has a TLB that the unit fills. */
  readonly deviceTlb: boolean;
  readonly pasid: number;
  readonly domainId: number;
}

interface Block {
  /** The first address; bits below the mask do not count. */
  readonly address: bigint;
  readonly mask: number;
}

/** How many pages one flush is made of (VtdRules.flushMask, VtdRules.unmapMask). */
export type MaskOf = VtdRules['flushMask'];

function blockOf({ start, last }: FlushedRange, maskOf: MaskOf): Block {
  if (last - start >= EVERYTHING - PAGE_OFFSET) return { address: 0n, mask: EVERY_PAGE };
  const firstPage = start >> PAGE_SHIFT;
  const pages = (last >> PAGE_SHIFT) - firstPage + 1n;
  return { address: start, mask: Math.min(maskOf(firstPage, pages), EVERY_PAGE) };
}

/** The address as it was given: bits that a page's address does not have end up in other fields of the descriptor. */
function withOffset(words: Words, address: bigint): Words {
  return words.map((word, index) => (index === 1 ? word | (address & PAGE_OFFSET) : word));
}

function pageOf(address: bigint): bigint {
  return address & ~PAGE_OFFSET;
}

/** qi_flush_piotlb(): first-stage and nested translations of a PASID. */
export function flushPasidIotlb({ domainId, pasid }: Tag, range: FlushedRange | null, maskOf: MaskOf): Words {
  const all = { G: PasidIotlbGranularity.All, DID: domainId, PASID: pasid };
  if (range === null) return encodeDescriptor('PASID_IOTLB', all);
  const { address, mask } = blockOf(range, maskOf);
  if (mask >= EVERY_PAGE) return encodeDescriptor('PASID_IOTLB', all);
  const fields = {
    ...all,
    G: PasidIotlbGranularity.Page,
    AM: mask,
    IH: range.leaf ? 1 : 0,
    ADDR: pageOf(address),
  };
  return withOffset(encodeDescriptor('PASID_IOTLB', fields), address);
}

/** qi_flush_iotlb(): second-stage translations of a domain id, and what embeds them. */
export function flushIotlb(
  { domainId }: Tag,
  range: FlushedRange | null,
  features: VtdFeatures,
  maskOf: MaskOf,
): Words {
  const all = { G: IotlbGranularity.Domain, DID: domainId };
  if (range === null || !features.pageSelective) return encodeDescriptor('IOTLB', all);
  const { address, mask } = blockOf(range, maskOf);
  if (mask > features.largestMask) return encodeDescriptor('IOTLB', all);
  return encodeDescriptor('IOTLB', {
    G: IotlbGranularity.Page,
    DID: domainId,
    AM: mask,
    IH: range.leaf ? 1 : 0,
    ADDR: pageOf(address),
  });
}

/** qi_flush_dev_iotlb() and qi_flush_dev_iotlb_pasid(); nothing where the device has no TLB. */
export function flushDeviceTlb(
  tag: Tag,
  range: FlushedRange | null,
  maskOf: MaskOf,
  rules: VtdRules,
): readonly Words[] {
  if (!tag.deviceTlb) return [];
  const { address, mask } = range === null ? { address: 0n, mask: EVERY_PAGE } : blockOf(range, maskOf);
  const where =
    mask === 0 ? { S: 0, ADDR: pageOf(address) } : { S: 1, ADDR: sizedAddress(pageOf(address), mask) };
  const words =
    tag.pasid === 0 || (range === null && !rules.flushOfAllNamesPasid)
      ? encodeDescriptor('DEVICE_TLB', { SID: tag.sid, ...where })
      : encodeDescriptor('PASID_DEVICE_TLB', { SID: tag.sid, PASID: tag.pasid, ...where });
  return [withOffset(words, address)];
}

/** The lowest address bit that is zero says how many pages there are (PCIe ATS). */
function sizedAddress(address: bigint, mask: number): bigint {
  const size = 1n << (BigInt(mask) + PAGE_SHIFT);
  const below = (size >> 1n) - 1n;
  const base = BigInt.asUintN(64, address & ~(size - 1n));
  return base | (below & ~PAGE_OFFSET);
}

export function flushPasidCache({ domainId, pasid }: Tag): Words {
  return encodeDescriptor('PASID_CACHE', { G: PasidCacheGranularity.Pasid, DID: domainId, PASID: pasid });
}

export function flushContext(sid: number): Words {
  return encodeDescriptor('CONTEXT_CACHE', { G: ContextGranularity.Device, SID: sid });
}
