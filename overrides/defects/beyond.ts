/** A fixed bug that no override stands for, and why. */
export interface BeyondReach {
  readonly title: string;
  readonly reference: string;
  /** What of it the model does not have. */
  readonly reason: string;
}

/** Real bugs of these machines that are no change of a rule here. */
export const BEYOND_REACH: readonly BeyondReach[] = [
  {
    title: 'iommufd: Do not corrupt the pfn list when doing batch carry',
    reference: 'Fixes f394576eb11d',
    reason:
      'what a domain maps follows from its IOAS; there is no second copy, filled in batches, that could differ from it',
  },
  {
    title: 'iommufd dmabuf revoke: Take dma_resv lock before unpin',
    reference: '2026-06',
    reason: 'a lock; what revoking does to domains is `revoked-is-mapped-again`',
  },
  {
    title: 'iommu/arm-smmu-v3: Manage teardown with devm',
    reference: 'CVE-2026-93205',
    reason: 'the SMMU driver itself is never removed; the bug is memory freed before an interrupt handler is',
  },
  {
    title: 'iommu/tegra241-cmdqv: Fix UAF due to re-entry of remove',
    reference: 'Fixes 483e0bd8883a',
    reason: 'a pointer kept in a C structure after a failed probe; the probe of an SMMU is not modelled',
  },
  {
    title: 'iommu/tegra241-cmdqv: Do not statically map LVCMDQs',
    reference: '2025-07-10',
    reason: 'no pSMMU here has queues to give to guests (HW_QUEUE_ALLOC stops where a driver would be asked)',
  },
  {
    title: 'iommu/vt-d: Force to flush iotlb before creating superpage',
    reference: '2021-04-15',
    reason:
      'what a domain maps follows from its IOAS, in runs of pages: it has no tables of its own that a large page could take the place of, and paging-structure caches are not followed',
  },
  {
    title: 'iommu/arm-smmu-v3: Align invalid range with leaf page size upwards when support RIL',
    reference: '2021-05-19; posted, and not in Linux 7.2, whose driver shifts the size down as before',
    reason:
      "no caller has a size that is no whole number of pages: the driver invalidates what was mapped in its own domains, and a guest's invalidations come as commands. The one that had, a guest's ranges as struct iommu_cache_invalidate_info, was never merged",
  },
  {
    title:
      'intel_iommu: Fix unmap_bitmap failure with legacy backend; vfio/listener: Add missing dirty tracking in region_del',
    reference: 'QEMU cac33cb553, 6e360c0617',
    reason:
      'a VMM that unmaps before it asks what was written: the kernel tracks writes here, but no VMM that is modelled migrates with a device',
  },
  {
    title: 'virtio-iommu: Clear IOMMUDevice when VFIO device is unplugged',
    reference: 'QEMU 1b889d6e39',
    reason:
      'virtio-iommu is none of the machines of this model; its likeness for a vSMMU is what vsid-can-be-used-again and unplug-leaves-nothing look for',
  },
];
