import type { Words } from '../../world/command.ts';
import { clearContext } from './context-update.ts';
import { updatePasidEntry } from './entry-update.ts';
import { alignedMask } from './mask.ts';

/** What Linux's driver of a VT-d remapping unit does, and when: its decision points. */
export interface VtdRules {
  /** Whether a nesting parent refuses read-only mappings (erratum 772415). */
  readonly nestParentRefusesReadOnly: boolean;
  /** Whether a failing attach of a nested domain has taken the old one away for a while. */
  readonly failedNestedAttachBlocks: boolean;
  /** Whether an address that a guest gives to invalidate must be that of a page. */
  readonly flushedAddressIsChecked: boolean;
  /** Whether an unmap of a nesting parent reaches the domain ids of the domains that are nested on it. */
  readonly unmapReachesNestedIds: boolean;
  /** Whether it reaches the device TLBs of devices that are on those. */
  readonly unmapReachesNestedDevices: boolean;
  /** Whether a nesting parent that begins or ends to track writes changes the entries of what is nested on it as well. */
  readonly trackingReachesNested: boolean;
  /** Whether the entry of what is nested on a parent that tracks writes says so. */
  readonly nestedAttachTracks: boolean;
  /** Whether the IOTLB is rid of a whole domain id when an entry that has a second stage goes. */
  readonly teardownFlushesDomain: boolean;
  /** Whether a legacy-mode context entry that changes takes what the device's TLB holds along. */
  readonly contextChangeFlushesDevice: boolean;
  /** Whether a replace takes the old PASID table entry away before it writes the new one. */
  readonly replaceBreaksFirst: boolean;
  /** Which entry a domain is put into that is attached at a PASID, and at others of the device already. */
  pasidEntryIndex(pasid: number, attachedAt: readonly number[]): number;
  /** The values that a PASID table entry takes on its way to another. */
  pasidEntryUpdate(current: Words, target: Words): readonly Words[];
  /** The values that a context entry takes when it is cleared. */
  contextClear(current: Words): readonly Words[];
  /** log2 of the pages, aligned to their number, that a flush of some pages is made of, when a guest asks for it. */
  flushMask(firstPage: bigint, pages: bigint): number;
  /** The same, after the host has unmapped them. */
  unmapMask(firstPage: bigint, pages: bigint): number;
  /** Whether an unmap reaches the TLB of a device that is attached by PASIDs only. */
  readonly unmapReachesPasidDevices: boolean;
  /** Whether a flush of everything that a PASID has in a device's TLB says which PASID. */
  readonly flushOfAllNamesPasid: boolean;
  /** Whether a nesting parent that no device is on itself has what its flushes are gathered in. */
  readonly nestedParentHasBatch: boolean;
  /** Whether writes are tracked only where hardware snoops the caches when it walks (ECAP.SMPWC). */
  readonly trackingNeedsCoherence: boolean;
}

declare module '../../world/rules.ts' {
  interface Rules {
    readonly vtd: VtdRules;
  }
}

export const vtdIntended: VtdRules = Object.freeze({
  nestParentRefusesReadOnly: true,
  failedNestedAttachBlocks: false,
  flushedAddressIsChecked: true,
  unmapReachesNestedIds: true,
  unmapReachesNestedDevices: true,
  trackingReachesNested: true,
  nestedAttachTracks: true,
  teardownFlushesDomain: true,
  contextChangeFlushesDevice: true,
  replaceBreaksFirst: true,
  pasidEntryIndex: (pasid) => pasid,
  pasidEntryUpdate: updatePasidEntry,
  contextClear: clearContext,
  flushMask: alignedMask,
  unmapMask: alignedMask,
  unmapReachesPasidDevices: true,
  flushOfAllNamesPasid: true,
  nestedParentHasBatch: true,
  trackingNeedsCoherence: true,
} satisfies VtdRules);
