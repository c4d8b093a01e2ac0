import type { Run } from '../../caches/pages.ts';
import type { Words } from '../../world/command.ts';

/** One thing that a cache of a unit or of a device may hold. `key` tells entries apart and orders them. */
export type VtdEntry = ContextEntry | PasidCacheEntry | IotlbEntry | DeviceTlbEntry;

/** A context entry that is present, by device. */
export interface ContextEntry {
  readonly cache: 'context';
  readonly key: string;
  readonly device: number;
  readonly words: Words;
}

/** A PASID table entry that is present, by device and PASID. */
export interface PasidCacheEntry {
  readonly cache: 'pasid';
  readonly key: string;
  readonly device: number;
  readonly pasid: number;
  readonly words: Words;
}

/**
 * An IOTLB entry (VT-d 6.2.5). `first` leads from a guest's addresses to guest-physical ones, `second` from those to memory,
 * `final` from the addresses of requests to memory. Only `second` has no PASID for a tag.
 */
export interface IotlbEntry extends Run {
  readonly cache: 'iotlb';
  readonly key: string;
  readonly iommu: number;
  readonly holds: 'first' | 'second' | 'final';
  readonly domainId: number;
  readonly pasid: number | null;
  /** A `final` one that embeds what a second stage said. */
  readonly nested: boolean;
  /** The guest-physical page of `first`, where a second stage takes part. */
  readonly gpa: number;
  readonly read: boolean;
  readonly write: boolean;
}

/** What the TLB of a device may hold; PASID 0: for requests without one. */
export interface DeviceTlbEntry extends Run {
  readonly cache: 'devtlb';
  readonly key: string;
  readonly device: number;
  readonly pasid: number;
  readonly read: boolean;
  readonly write: boolean;
}

export function contextEntry(device: number, words: Words): ContextEntry {
  return { cache: 'context', key: `c${device}.${words.join()}`, device, words };
}

export function pasidCacheEntry(device: number, pasid: number, words: Words): PasidCacheEntry {
  return { cache: 'pasid', key: `p${device}.${pasid}.${words.join()}`, device, pasid, words };
}

export function iotlbEntry(entry: Omit<IotlbEntry, 'cache' | 'key'>): IotlbEntry {
  const { iommu, holds, domainId, pasid, nested, first, last, out, gpa, read, write } = entry;
  const allowed = (read ? 2 : 0) + (write ? 1 : 0);
  const tag = `${iommu}.${domainId}.${holds}${nested ? 'n' : ''}.${pasid ?? ''}`;
  const key = `t${tag}.${first}.${last}.${out}.${gpa}.${allowed}`;
  return { cache: 'iotlb', key, iommu, holds, domainId, pasid, nested, first, last, out, gpa, read, write };
}

export function deviceTlbEntry(entry: Omit<DeviceTlbEntry, 'cache' | 'key'>): DeviceTlbEntry {
  const { device, pasid, first, last, out, read, write } = entry;
  const key = `d${device}.${pasid}.${first}.${last}.${out}.${read}.${write}`;
  return { cache: 'devtlb', key, device, pasid, first, last, out, read, write };
}
