import { table } from '../table.ts';

export const IOMMUFD_DEFECTS = table({
  /** The round-up to the alignment was not checked: near ULONG_MAX it wraps to 0, outside every allowed range. */
  'iova-align-overflow': {
    kind: 'defect',
    summary: 'an automatic IOVA near the end of the address space wraps around',
    source: 'iommufd: Prevent ALIGN() overflow (2025-07-18, syzbot c2f65e2801743ca64e08)',
    foundBy: 'automatic-iova-is-allowed',
    rules: {
      iommufd: { alignIova: (start, alignment) => BigInt.asUintN(64, (start + alignment - 1n) & -alignment) },
    },
  },
  /** Between two attachments the device of a process could reach what the kernel's own drivers had mapped. */
  'detach-unblocks': {
    kind: 'defect',
    summary: "a group that its owner has detached goes back to the kernel's own domain",
    source: 'iommu: iommu_group_claim_dma_owner() must always assign a domain (0286300e6045, 2022-05)',
    foundBy: 'owned-group-is-blocked',
    rules: { iommufd: { detachBlocks: false } },
  },
  /** Before, unbinding a device left its vDEVICE in the table with a pointer to what was gone. */
  'unbind-leaves-vdevice': {
    kind: 'defect',
    summary: "a device's vDEVICE outlives the device that it stands for",
    source: 'iommufd: Destroy vdevice on idevice destroy (2025-07-18)',
    foundBy: 'no-dangling-reference',
    rules: { iommufd: { unbindDestroysVdevice: false } },
  },
  /** The header is no event and was never counted in; the count went below the truth and the depth with it. */
  'lost-header-counted': {
    kind: 'defect',
    summary: 'reading a lost-events header takes one off the count of waiting events',
    source: 'iommufd: Balance veventq->num_events inc/dec (6fc85bbbeaea)',
    foundBy: 'veventq-count-exact',
    rules: { iommufd: { lostHeaderCountsAsEvent: true } },
  },
  /** A VMM attaches these as stand-ins for the vSMMU's GBPA before it knows any virtual StreamID. */
  'gbpa-needs-vdevice': {
    kind: 'defect',
    summary: 'a nested HWPT that aborts or bypasses is refused until the device has a vDEVICE',
    source: 'iommu/arm-smmu-v3-iommufd: Allow attaching nested domain for GBPA cases (81c45c62dc3e)',
    foundBy: 'abort-and-bypass-need-no-vdevice',
    rules: { iommufd: { nestedAttachNeedsVdevice: () => true } },
  },
});
