import { table } from '../table.ts';

/** Real bugs of hosts and VMMs with PASIDs. */
export const PASID_DEFECTS = table({
  'absent-pasid-entry-used': {
    kind: 'defect',
    summary: 'a VMM uses a PASID table entry of its guest although the present bit is clear',
    source: 'intel_iommu: add present bit check for pasid table entries (QEMU 56fc1e6ac6)',
    foundBy: 'requests-go-where-guest-asked',
    rules: { pasid: { checksPresent: false } },
  },
  'address-space-at-wrong-pasid': {
    kind: 'defect',
    summary: 'an address space is installed at another PASID than the one it was made for',
    source: 'iommu/arm-smmu-v3: Do not allow a SVA domain to be set on the wrong PASID (Linux 6.9.8)',
    foundBy: 'pasid-reaches-own-vm-only',
    rules: { pasid: { installsAt: () => 1 } },
  },
  'bindings-not-replayed': {
    kind: 'defect',
    summary: 'a VMM that reads a context entry again does not set up the PASIDs that were invalidated before',
    source: 'intel_iommu: Replay pasid bindings after context cache invalidation (QEMU cfb5139b1d)',
    rules: { pasid: { contextInvalidationRebinds: false } },
  },
  'nested-without-invalidation': {
    kind: 'defect',
    summary: "a guest's invalidations never reach the hardware's caches",
    source: 'iommufd: Require drivers to supply the cache_invalidate_user ops (Linux 6.10.10)',
    rules: { pasid: { invalidationIsForwarded: false } },
  },
  'pasid-invalidation-ignored': {
    kind: 'defect',
    summary: 'a VMM ignores a PASID-cache invalidation, and the entry is not set up again',
    source: 'intel_iommu: Fix DMA failure when guest switches IOMMU domain (QEMU c9cf33075a)',
    foundBy: 'requests-go-where-guest-asked',
    rules: { pasid: { pasidInvalidationRebinds: false } },
  },
  'shadow-survives-domain-invalidation': {
    kind: 'defect',
    summary: "an invalidation of a whole domain, or of everything, does not update the VMM's shadow tables",
    source: 'intel-iommu: send UNMAP notifications for domain or global inv desc (QEMU 3e090e3489)',
    rules: { pasid: { invalidationUpdatesShadow: (reach) => reach !== 'domain' && reach !== 'global' } },
  },
  'teardown-flush-by-pasid-only': {
    kind: 'defect',
    summary:
      'the teardown of a nested PASID table entry flushes by PASID only: translations of stage 2 stay cached',
    source: 'iommu/vt-d: Fix incomplete cache flush in intel_pasid_tear_down_entry() (8798d36)',
    rules: { pasid: { teardownFlushes: () => 'pasid' } },
  },
});
