import type { Override } from '../../../model/rules.ts';

/** As many bits as the number of pages has, rounded up: right only for an address that is aligned to as many. */
function roundedUp(_firstPage: bigint, pages: bigint): number {
  return pages.toString(2).length - ((pages & (pages - 1n)) === 0n ? 1 : 0);
}

/** What an unmap, a teardown or a nesting parent forgot to flush, or flushed wrongly. */
export const VTD_FLUSH_DEFECTS: readonly Override[] = [
  {
    name: 'vtd-unmap-mask-unaligned',
    kind: 'defect',
    summary:
      'the flush after an unmap is rounded up to a power of two without being aligned to it: of three pages from 0x17f on, it covers one',
    source: 'iommu/vt-d: Calculate mask for non-aligned flushes (2022-04)',
    foundBy: 'pasid-reaches-its-owner-only',
    rules: { vtd: { unmapMask: roundedUp } },
  },
  {
    name: 'vtd-unmap-misses-pasid-devices',
    kind: 'defect',
    summary: 'an unmap does not flush the TLBs of devices that are attached by PASID only',
    source: 'iommu/vt-d: Fix ineffective devTLB invalidation for subdevices (2021-01)',
    foundBy: 'pasid-reaches-its-owner-only',
    rules: { vtd: { unmapReachesPasidDevices: false } },
  },
  {
    name: 'vtd-parent-without-batch',
    kind: 'defect',
    summary:
      'a nesting parent without a device of its own has no batch for its flushes: an unmap dereferences a null pointer',
    source: 'iommu/vt-d: Fix qi_batch NULL pointer with nested parent domain (74536f91962d)',
    foundBy: 'every-command-is-answered',
    rules: { vtd: { nestedParentHasBatch: false } },
  },
  {
    name: 'vtd-flush-of-all-without-pasid',
    kind: 'defect',
    summary: 'a flush of everything that a PASID has in a device TLB does not name the PASID',
    source: 'iommu/vt-d: missing PASID in devTLB flush_all (3141153816bf)',
    foundBy: 'pasid-reaches-its-owner-only',
    rules: { vtd: { flushOfAllNamesPasid: false } },
  },
  {
    name: 'vtd-context-change-keeps-pasid-cache',
    kind: 'defect',
    summary:
      'a context entry goes with what is in its PASID table, and the PASID cache keeps the entries: they lead to tables that are freed',
    source: 'iommu/vt-d: Invalidate PASID cache when root/context entry changed (2021-03)',
    foundBy: 'table-entries-are-invalidated',
    rules: { vtd: { contextChangeFlushesPasids: false } },
  },
  {
    name: 'vtd-aliases-share-pasid-table',
    kind: 'defect',
    summary:
      'devices that a bridge gives one requester ID share a PASID table: when one of them is taken away, its entry for requests without PASID goes, which is that of the others',
    source: 'iommu/vt-d: Fix RID2PASID setup/teardown failure (2022-06, Fixes ef848b7e5a6a)',
    foundBy: 'rescan-blocks-no-other',
    rules: { vtd: { aliasesShareTable: true } },
  },
  {
    name: 'vtd-pasid-directory-published-early',
    kind: 'defect',
    summary:
      'a unit that does not snoop is led to a page of the PASID table whose zeroes are in the caches alone: it takes for entries what was in that page before',
    source: 'iommu/vt-d: Flush cache for PASID table before using it (CVE-2026-45862)',
    foundBy: 'stores-reach-memory-in-time',
    rules: { vtd: { leafWrittenBackFirst: false } },
  },
  {
    name: 'vtd-tracking-incoherent',
    kind: 'defect',
    summary: 'writes are tracked on a unit that does not snoop CPU caches: dirty flags are lost in them',
    source: 'iommu/vt-d: no dirty tracking with incoherent page walk (57f55048e564)',
    foundBy: 'writes-are-logged',
    rules: { vtd: { trackingNeedsCoherence: false } },
  },
];
