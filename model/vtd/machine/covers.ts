import { decode } from '../../../spec/bits.ts';
import {
  ContextGranularity,
  type Descriptor,
  type DescriptorFields,
  decodeDescriptor,
  IotlbGranularity,
  isFunctionOf,
  PasidCacheGranularity,
  PasidIotlbGranularity,
} from '../../../spec/vtd/descriptor.ts';
import { legacyContext, pasidEntry } from '../../../spec/vtd/entries.ts';
import { EVERY_PAGE, NO_PAGES, type Pages } from '../../caches/pages.ts';
import type { IommuHardware, Platform } from '../../platform/platform.ts';
import { vtdFeaturesOf } from '../../platform/vtd-features.ts';
import type { Words } from '../../world/command.ts';
import type { VtdEntry } from './entry.ts';
import type { VtdCovers } from './entry-pieces.ts';

const NOTHING: VtdCovers = () => NO_PAGES;

/** All of the entries that a test accepts. */
function wholly(accepts: (entry: VtdEntry) => boolean): VtdCovers {
  return (entry) => (accepts(entry) ? EVERY_PAGE : NO_PAGES);
}

/** The scope of a descriptor in a unit's queue (VT-d 6.5.2). One with a reserved bit set is an error and covers nothing. */
export function vtdCoverage(platform: Platform, iommu: number, words: Words): VtdCovers {
  const descriptor = decodeDescriptor(words);
  return descriptor === null ? NOTHING : coverageOf(platform, iommu, descriptor);
}

function coverageOf(platform: Platform, iommu: number, descriptor: Descriptor): VtdCovers {
  const isHere = (device: number): boolean => platform.devices[device]?.iommu === iommu;
  const isDevice = (device: number, sid: number): boolean =>
    isHere(device) && platform.devices[device]?.streamIds.includes(sid) === true;
  switch (descriptor.name) {
    case 'CONTEXT_CACHE': {
      const { G, DID, SID, FM } = descriptor.fields;
      if (G === ContextGranularity.Global)
        return wholly((entry) => entry.cache === 'context' && isHere(entry.device));
      if (G === ContextGranularity.Device) {
        const names = (sid: number): boolean => isFunctionOf(sid, SID, FM);
        return wholly(
          (entry) =>
            entry.cache === 'context' &&
            isHere(entry.device) &&
            platform.devices[entry.device]?.streamIds.some(names) === true,
        );
      }
      // Context entries in scalable mode have no domain id.
      if (vtdFeaturesOf(platform.iommus[iommu] as IommuHardware).scalable) return NOTHING;
      return wholly(
        (entry) =>
          entry.cache === 'context' && isHere(entry.device) && decode(legacyContext, entry.words).DID === DID,
      );
    }
    case 'PASID_CACHE': {
      const { G, DID, PASID } = descriptor.fields;
      return wholly((entry) => {
        if (entry.cache !== 'pasid' || !isHere(entry.device)) return false;
        if (G === PasidCacheGranularity.Global) return true;
        const sameDomain = decode(pasidEntry, entry.words).DID === DID;
        return sameDomain && (G === PasidCacheGranularity.Domain || entry.pasid === PASID);
      });
    }
    case 'IOTLB':
      return iotlb(iommu, descriptor.fields);
    case 'PASID_IOTLB':
      return pasidIotlb(iommu, descriptor.fields);
    case 'DEVICE_TLB': {
      const { SID, S, ADDR } = descriptor.fields;
      const pages = sizedRange(S, ADDR);
      return (entry) =>
        entry.cache === 'devtlb' && entry.pasid === 0 && isDevice(entry.device, SID) ? pages : NO_PAGES;
    }
    case 'PASID_DEVICE_TLB': {
      const { SID, PASID, GLOBAL, S, ADDR } = descriptor.fields;
      const pages = sizedRange(S, ADDR);
      // GLOBAL: of every PASID; entries of requests without one are not meant.
      const isMeant = (pasid: number): boolean => (GLOBAL === 1 ? pasid !== 0 : pasid === PASID);
      return (entry) =>
        entry.cache === 'devtlb' && isMeant(entry.pasid) && isDevice(entry.device, SID) ? pages : NO_PAGES;
    }
    case 'INTERRUPT_ENTRY':
    case 'WAIT':
    case 'PAGE_GROUP_RESPONSE':
      return NOTHING;
  }
}

/**
 * Pages of a domain id are pages of its second stage: nobody can tell from them which nested translations came through
 * them, or through tables there, so that those go all. A first stage of the host's own is not touched.
 */
function iotlb(iommu: number, { G, DID, AM, ADDR }: DescriptorFields<'IOTLB'>): VtdCovers {
  const pages = maskedRange(ADDR, AM);
  return (entry) => {
    if (entry.cache !== 'iotlb' || entry.iommu !== iommu) return NO_PAGES;
    if (G === IotlbGranularity.Global) return EVERY_PAGE;
    if (entry.domainId !== DID) return NO_PAGES;
    if (G === IotlbGranularity.Domain) return EVERY_PAGE;
    if (entry.holds === 'second') return pages;
    return entry.nested || entry.holds === 'first' ? EVERY_PAGE : NO_PAGES;
  };
}

/** A PASID's translations from first-stage addresses; what is cached of a second stage alone stays. */
function pasidIotlb(iommu: number, { G, DID, PASID, AM, ADDR }: DescriptorFields<'PASID_IOTLB'>): VtdCovers {
  const pages = G === PasidIotlbGranularity.All ? EVERY_PAGE : maskedRange(ADDR, AM);
  return (entry) =>
    entry.cache === 'iotlb' &&
    entry.iommu === iommu &&
    entry.holds !== 'second' &&
    entry.domainId === DID &&
    entry.pasid === PASID
      ? pages
      : NO_PAGES;
}

/** A block of 2^mask pages; address bits below it are ignored. */
function maskedRange(address: bigint, mask: number): Pages {
  const pages = 2 ** mask;
  const first = Math.floor(Number(address >> 12n) / pages) * pages;
  return [{ first, last: first + pages - 1 }];
}

/** S = 1: the lowest zero bit of the page number says how many pages there are (PCIe ATS). */
function sizedRange(size: number, address: bigint): Pages {
  let mask = 0;
  if (size === 1) {
    let page = address >> 12n;
    while ((page & 1n) === 1n) {
      page >>= 1n;
      mask++;
    }
    mask++;
  }
  return maskedRange(address, mask);
}
