import { table } from '../../table.ts';
import { pasidEntryReplacedLive } from './pasid-entry-replaced-live.ts';
import { pasidEntryZeroedLive } from './pasid-entry-zeroed-live.ts';

export const MORE = table({
  /** In legacy mode the context entry is all there is: with it goes the way to the device's TLB. */
  'vtd-context-change-keeps-device-tlb': {
    kind: 'defect',
    summary: 'when a present context entry is cleared, the device TLB keeps its translations',
    source: 'iommu/vt-d: Global devTLB flush when present context entry changed (2021-07)',
    rules: { vtd: { contextChangeFlushesDevice: false } },
  },
  /** The store that has P in it need not be the first that is seen. */
  'vtd-context-cleared-live': {
    kind: 'defect',
    summary: 'a context entry is zeroed while it is present, and the half with P in it last',
    source: 'iommu/vt-d: Clear Present bit before tearing down scalable-mode context entry (CVE-2026-74439)',
    foundBy: 'table-entry-not-torn',
    rules: {
      vtd: {
        contextClear(current) {
          const [first = 0n, ...rest] = current;
          const directoryGone = [first & 0xfffn, ...rest];
          return [directoryGone, current.map(() => 0n)];
        },
      },
    },
  },
  /**
   * Address bits below a page are reserved in the descriptor, or mean something else: the unit stops at it.
   */
  'vtd-flush-address-unaligned': {
    kind: 'defect',
    summary: 'an address that a guest gives to invalidate is not aligned before it goes into the descriptor',
    source: 'iommu/vt-d: Handle non-page aligned address (288d08e78008)',
    foundBy: 'flushed-range-is-gone',
    rules: { vtd: { flushedAddressIsChecked: false } },
  },
  /**
   * Hardware ignores the address bits below the mask, so that two pages from an odd one on need a mask of two
   * bits.
   */
  'vtd-flush-mask-unaligned': {
    kind: 'defect',
    summary:
      'a flush of several pages is rounded up to a power of two without being aligned to it: some of the pages stay cached',
    source:
      'iommu/vt-d: Fix misuse of ALIGN in qi_flush_piotlb() (2020-12); Fix unaligned addresses for intel_flush_svm_range_dev()',
    rules: {
      vtd: {
        flushMask: (_firstPage, pages) => pages.toString(2).length - ((pages & (pages - 1n)) === 0n ? 1 : 0),
      },
    },
  },
  /**
   * Units with the erratum write accessed and dirty flags of first-stage tables whatever the second stage
   * allows.
   */
  'vtd-nest-parent-takes-read-only': {
    kind: 'defect',
    summary: 'a nesting parent accepts read-only mappings',
    source: 'iommu/vt-d: Disallow read-only mappings to nest parent domain (2023-10, erratum 772415)',
    rules: { vtd: { nestParentRefusesReadOnly: false } },
  },
  /**
   * The bug was that of SVA domains, which carry a PASID of their own and were installed there whatever PASID was asked for.
   * Nothing here has SVA; this is the same for a domain that is attached at several PASIDs.
   */
  'pasid-entry-at-first-pasid': {
    kind: 'defect',
    summary: 'a domain that is attached at a second PASID is installed at the first one again',
    source:
      'the form that iommu/arm-smmu-v3: Do not allow a SVA domain to be set on the wrong PASID takes without SVA',
    rules: {
      vtd: {
        pasidEntryIndex: (pasid, attachedAt) => Math.min(pasid, ...attachedAt.filter((each) => each > 0)),
      },
    },
  },
  'vtd-pasid-entry-replaced-live': pasidEntryReplacedLive,
  /**
   * A PASID-based flush takes first-stage and nested translations. What is cached of the second stage under
   * the same domain id stays, and the id is given to the next domain.
   */
  'vtd-teardown-by-pasid-only': {
    kind: 'defect',
    summary: 'the teardown of an entry with a second stage flushes by PASID only',
    source: 'iommu/vt-d: Fix incomplete cache flush in intel_pasid_tear_down_entry() (8798d36)',
    rules: { vtd: { teardownFlushesDomain: false } },
  },
  /** The IOTLB was flushed, and what devices had asked of it before was not. */
  'vtd-unmap-misses-nested-devices': {
    kind: 'defect',
    summary: 'an unmap of a nesting parent does not flush the device TLBs of devices nested on it',
    source: 'iommu/vt-d: Add missing device iotlb flush for parent domain (Fixes b41e38e22539)',
    foundBy: 'unmap-reaches-nested',
    rules: { vtd: { unmapReachesNestedDevices: false } },
  },
  /** An unmap flushed the domain id of the nesting parent, which no nested translation has. */
  'vtd-unmap-misses-nested-ids': {
    kind: 'defect',
    summary: 'an unmap of a nesting parent does not flush the domain ids of domains nested on it',
    source: 'iommu/vt-d: Add missing iotlb flush for parent domain (Fixes b41e38e22539)',
    rules: { vtd: { unmapReachesNestedIds: false } },
  },
  'vtd-tracking-misses-nested': {
    kind: 'defect',
    summary:
      'starting dirty tracking on a nesting parent does not change the entries of domains nested on it: their writes are not logged',
    source: 'iommu/vt-d: Add missing dirty tracking set for parent domain (2024-02)',
    rules: { vtd: { trackingReachesNested: false } },
  },
  'vtd-nested-attach-not-tracked': {
    kind: 'defect',
    summary: 'a nested domain that is attached while its parent tracks writes does not track them',
    source: 'iommu/vt-d: Set SSADE when attaching to a parent with dirty tracking (2024-02)',
    foundBy: 'writes-are-logged',
    rules: { vtd: { nestedAttachTracks: false } },
  },
  'vtd-pasid-entry-zeroed-live': pasidEntryZeroedLive,
});
