import type { Override } from '../../model/rules.ts';
import { listed, table } from '../table.ts';

/** Where Linux 7.2.13 does not do what its documentation says: shown by a recording of the running kernel, or read where its source says so. */
export const LINUX_7_2 = table({
  /**
   * arm_vsmmu_cache_invalidate() converts commands one by one and issues them in chunks of 63. When a command cannot
   * be converted, those converted since the last chunk are dropped, but counted as handled. Reproduced with DMA:
   * [TLBI_NH_VA, CFGI_STE] gives EIO with entry_num 1, and the next DMA still goes to the old page.
   */
  'invalidate-drops-converted': {
    kind: 'deviation',
    summary: 'HWPT_INVALIDATE counts commands as handled that it converted but never issued',
    source: 'Linux 7.2.13 arm_vsmmu_cache_invalidate(); recording smmuv3-findings, section F-1',
    rules: { iommufd: { issuesBeforeConversionError: false } },
  },
  /**
   * iommufd_device_do_replace() reserves the devices' ranges in the new IOAS only if it is not the old one, but its
   * error path takes them out of it in any case. After a refused replace within one IOAS, IOVA_RANGES lacks the hole
   * of the MSI window although the device is still attached, and user memory can be mapped there.
   */
  'failed-replace-unreserves': {
    kind: 'deviation',
    summary: 'a replace that is refused within one IOAS drops the reserved ranges of the attached devices',
    source: 'Linux 7.2.13 iommufd_device_do_replace(); recording smmuv3-findings, section F-2',
    rules: { iommufd: { failedReplaceUnreserves: true } },
  },
  /**
   * linux/iommufd.h: an empty array (entry_num 0) asks whether the data type is supported. The helper that copies the
   * array refuses it.
   */
  'empty-invalidation-refused': {
    kind: 'deviation',
    summary: 'HWPT_INVALIDATE of a vIOMMU refuses an empty array, which the interface allows as a probe',
    source: 'Linux 7.2.13 iommu_copy_struct_from_full_user_array(); recording smmuv3-findings, section F-3',
    rules: { iommufd: { emptyInvalidationIsProbe: false } },
  },
  /**
   * A vSMMU takes the VMID of its nesting parent. Two vSMMUs on one parent share it, and equal ASIDs of their guests
   * then alias in the pSMMU's TLB. Reproduced with DMA: the second vSMMU's device wrote into the first one's page.
   */
  'vsmmus-share-vmid': {
    kind: 'deviation',
    summary: 'vSMMUs on one nesting parent have one VMID',
    source: 'Linux 7.2.13 arm_vsmmu_init(); recording smmuv3-findings, section F-6',
    rules: { iommufd: { vsmmuOwnsVmid: false } },
  },
  /** linux/iommufd.h says of `__reserved` in struct iommu_viommu_alloc: must be 0. The kernel does not look. */
  'viommu-reserved-ignored': {
    kind: 'deviation',
    summary: 'VIOMMU_ALLOC accepts any value in a field that must be zero',
    source: 'Linux 7.2.13 iommufd_viommu_alloc_ioctl(); recording smmuv3-scenario, section viommu',
    rules: { iommufd: { viommuAllocChecksReserved: false } },
  },
  /**
   * `virt_id` of IOMMU_VDEVICE_ALLOC is 64 bits wide, a StreamID 32. The kernel takes any value and reports the
   * device's events under its low half, where it meets the StreamID of another device. Commands cannot name it at all.
   */
  'virt-id-truncated': {
    kind: 'deviation',
    summary: 'VDEVICE_ALLOC accepts a virtual StreamID of more than 32 bits, and events carry its low half',
    source: 'Linux 7.2.13 arm_vsmmu_vdevice_init(); recording smmuv3-scenario, section vdevice',
    rules: { smmuDriver: { virtIdFitsStreamId: false } },
  },
  /**
   * VIOMMU_ALLOC refuses a device whose DMA a guest could make incoherent by the memory attributes of its own tables: VFIO
   * maintains no caches. But only the device that the vIOMMU is made with is asked; another that attaches to it later meets
   * only the parent's own flag, which is that of the device that the parent was made with.
   */
  'nested-device-incoherent': {
    kind: 'deviation',
    summary:
      "a device without CANWBS or S2FWB can be put behind a guest's stage 1, on a vIOMMU that another device made",
    source:
      'Linux arm_vsmmu_init(), arm_smmu_attach_prepare(), read and not run; IORT: Memory Access Flags, CANWBS',
    rules: { smmuDriver: { nestedDeviceIsCoherent: false } },
  },
  /**
   * arm_vsmmu_convert_user_cmd() rewrites VMID and StreamID and passes every other bit of a guest's command on to the
   * pSMMU. One that stops at it with CERROR_ILL finds a SYNC in its place (__arm_smmu_cmdq_skip_err()), and the guest is
   * told that its invalidation has been handled. QEMU's SMMUv3 stops at SSec only.
   */
  'reserved-command-bits-passed': {
    kind: 'deviation',
    summary: 'a guest command with reserved bits or SSec set goes to the pSMMU, which may drop it unnoticed',
    source:
      'Linux 7.2.13 arm_vsmmu_convert_user_cmd(), arm_smmu_cmdq_skip_err(); recordings smmuv3-walks, where the kernel accepts them; IHI0070 4.1.3',
    rules: { smmuDriver: { refusesReservedCommandBits: false } },
  },
  /** 64 doorbells of 64 KiB pages take 4 MiB; what is reserved is 1 MiB. */
  'msi-window-unenforced': {
    kind: 'deviation',
    summary: 'once the MSI window is full, doorbells are placed beyond its end',
    source:
      'Linux 7.2.13 iommufd_sw_msi(): 64 pages at most, whatever their size; read in its source, in no recording',
    rules: { msi: { windowIsEnforced: false } },
  },
  /**
   * Where the answer of VFIO_DEVICE_ATTACH_IOMMUFD_PT cannot be written, the error path calls the operation that detaches
   * requests without PASID, whatever was attached. After an attach by PASID the PASID stays and the rest is detached. Read,
   * not recorded.
   */
  'failed-answer-detaches-rid': {
    kind: 'deviation',
    summary:
      'if the answer of an attach by PASID cannot be written, requests without PASID are detached instead',
    source: 'Linux 7.2.13 vfio_df_ioctl_attach_pt(), F-5',
    rules: { iommufd: { failedAttachAnswer: 'ridDetached' } },
  },
  /**
   * PASID 0 stands for "none" inside the kernel, and neither VFIO nor iommufd looks at the number that a user gives. An
   * attach of PASID 0 attaches requests without PASID, which VFIO does not know then: it refuses to attach them again.
   * Read, not recorded.
   */
  'pasid-zero-is-rid': {
    kind: 'deviation',
    summary: 'an attach of PASID 0 attaches requests without PASID',
    source:
      'Linux 6.15 vfio_iommufd_physical_pasid_attach_ioas(), iommufd_device_attach() with IOMMU_NO_PASID',
    rules: { iommufd: { pasidZeroIsRid: true } },
  },
  /**
   * intel_nested_attach_dev() takes the old domain away before it looks at what the guest asked for. Where that cannot be
   * had, the core puts the old domain back; DMA in between is blocked. Read, not recorded.
   */
  'failed-nested-attach-blocks': {
    kind: 'deviation',
    summary: 'on VT-d, a nested attach that fails blocks the DMA of the device for a moment',
    source: 'Linux 7.2.13 intel_nested_attach_dev(), device_block_translation(), F-11',
    rules: { vtd: { failedNestedAttachBlocks: true } },
  },
  /** The first group's devices have their doorbells before the IOMMU, a later one's have not; the other way round all is well. */
  'container-cookie-of-first-group': {
    kind: 'deviation',
    summary:
      "a container's domain gets a place for doorbells only if its first group needs one; the interrupts of later groups are lost",
    source:
      'drivers/vfio/vfio_iommu_type1.c: vfio_iommu_type1_attach_group() asks for a cookie only where it keeps the new domain; read in the source of Linux 5.13 to 6.17, in no recording',
    rules: { legacy: { everyGroupBringsCookie: false } },
  },
  /**
   * linux/iommufd.h: MAP_FILE maps a memfd. Without a domain nothing is pinned, and nobody looks at the file. Handed the
   * iommufd itself, or a device that is bound to it, the context holds itself: once all descriptors are closed, or their process
   * has died, nothing is freed, and the device stays bound for ever. Reproduced on the running kernel.
   */
  'map-file-takes-any': {
    kind: 'deviation',
    summary:
      'IOAS_MAP_FILE accepts a descriptor of any file; the error comes only when its pages are first pinned',
    source:
      'Linux 7.2.13 iopt_map_file_pages(), memfd_pin_folios(), F-12; recorded as map-file-cycle, map-file-devnull',
    rules: { iommufd: { mapFileTakesAny: true } },
  },
  /**
   * What a device of VFIO is given no message for, because it is attached to nothing, is taken all the same: its_irq_domain_alloc()
   * takes an event of the device from the ITS, and keeps it where iommu_dma_prepare_msi() fails behind that.
   */
  'failed-message-loses-event': {
    kind: 'deviation',
    summary:
      'a VFIO_DEVICE_SET_IRQS that is refused while the device is attached to nothing leaks an event of its ITS: no process gets an MSI of the device until the machine reboots',
    source: 'Linux 7.2.13 its_irq_domain_alloc(); found by nestcheck live, recorded as live-failed-message',
    rules: { msi: { failedMessageLosesEvent: true } },
  },
  /** linux/iommufd.h says of `__reserved` in struct iommu_hwpt_set_dirty_tracking: must be 0. The kernel does not look. */
  'dirty-tracking-reserved-ignored': {
    kind: 'deviation',
    summary: 'HWPT_SET_DIRTY_TRACKING accepts any value in a field that must be zero',
    source: 'Linux 7.2.13 iommufd_hwpt_set_dirty_tracking(), F-13; recording smmuv3-wide-walks',
    rules: { iommufd: { dirtyTrackingChecksReserved: false } },
  },
  /** linux/vfio.h says of VFIO_IOMMU_MAP_DMA: READ and/or WRITE required. iommufd's answer to the call does not look. */
  'compat-map-without-protection': {
    kind: 'deviation',
    summary: 'VFIO_IOMMU_MAP_DMA on an iommufd accepts a mapping that allows neither reads nor writes',
    source: 'Linux 7.2.13 iommufd_vfio_map_dma(), F-14; recorded on the running kernel',
    rules: { iommufd: { compatMapNeedsProtection: false } },
  },
});

/** The same, in their order. */
export const linux72: readonly Override[] = listed(LINUX_7_2);
