/** The decision points of iommufd's calls: what they check, and what is left where one fails half way. */
export interface IommufdRules {
  // mappings
  /** Whether user addresses that leave the address space are refused. */
  readonly mapChecksUserAddress: boolean;
  /** Whether a mapping must be readable or writeable. */
  readonly mapNeedsProtection: boolean;
  /** Whether MAP_FILE takes any file, and finds out what it is when its pages are first pinned. */
  readonly mapFileTakesAny: boolean;
  /** Whether the reserved field of HWPT_SET_DIRTY_TRACKING must be zero. */
  readonly dirtyTrackingChecksReserved: boolean;
  /** Whether VFIO_IOMMU_MAP_DMA on an iommufd must ask for reading or writing. */
  readonly compatMapNeedsProtection: boolean;
  /** How many of the bytes that an unmap took before it failed the call reports. */
  failedUnmapReports(bytes: bigint): bigint;
  /** Whether an invalidation array is refused where it is longer than the interface allows. */
  readonly invalidationIsBounded: boolean;

  // objects
  /** Whether DESTROY takes a reference to what it is about to destroy. */
  readonly destroyTakesReference: boolean;
  /** Whether the file of an event queue that could not be handed out is gone before the queue is. */
  readonly abortReleasesFileFirst: boolean;
  /** Whether a fault queue that could not be handed out gives back a reference to its context, which it did not take. */
  readonly abortedQueuePutsContext: boolean;
  /** Whether an automatic HWPT that cannot join its IOAS gives the device's reference back before it is dropped. */
  readonly abortedDomainReturnsDevice: boolean;
  /** Whether a vDEVICE can be found by its StreamID before the driver has accepted it. */
  readonly vdeviceFoundBeforeInit: boolean;

  // attachments
  /** Out of which IOAS a replace that failed takes the device's reserved ranges: the one asked for, or the old one. */
  readonly failedReplaceUnreservesFrom: 'new' | 'old';
  /** Of a group's devices, in order, those that are moved back when the driver refuses one of them. */
  movedBack(accepted: readonly number[], refused: number): readonly number[];

  // read() of event queues
  /** The flags in the header of an event that was not lost. */
  readonly eventHeaderFlags: number;
  /** Whether a buffer too short for anything is refused, rather than answered with no bytes. */
  readonly shortReadIsRefused: boolean;
  /** Whether a header is taken back out of the count when its record cannot be copied. */
  readonly failedCopyTakesHeaderBack: boolean;
  /** Whether a read says so when the kernel has no memory for the lost-events header. */
  readonly tellsNoMemory: boolean;

  // IOVA space
  /** Rounds an IOVA up to a power of two; null where that leaves the address space. */
  alignIova(start: bigint, alignment: bigint): bigint | null;
  /** Whether a range that areas or allowed ranges use can be refused to whoever wants to reserve it. */
  readonly reserveChecksUse: boolean;

  // object table
  /** Whether a tombstone's id may be given to another object. */
  readonly tombstoneIsFree: boolean;
  /** Whether unbinding a device takes its vDEVICE with it. */
  readonly unbindDestroysVdevice: boolean;

  // ownership, attachments, groups
  /** Whether another context may bind a device of a group that has an owner. */
  readonly groupOwnerIsExclusive: boolean;
  /** Whether the other devices of a group must be attached to what the first was attached to. */
  readonly groupSharesHwpt: boolean;
  /** Whether a failed replace takes the device's reserved ranges out of the IOAS that it asked for. */
  readonly failedReplaceUnreserves: boolean;
  /** Whether HWPTs of requests with and without PASID must be made for each other (IOMMU_HWPT_ALLOC_PASID). */
  readonly pasidNeedsCompat: boolean;
  /** Whether a PASID that a later member of the group refuses is taken back from those before it. */
  readonly failedGroupPasidIsUndone: boolean;
  /** What becomes of an attach whose answer cannot be written: it is undone, or the device's RID is detached. */
  readonly failedAttachAnswer: 'undone' | 'ridDetached';
  /** Whether PASID 0 of an attach by PASID is taken for requests without PASID. */
  readonly pasidZeroIsRid: boolean;
  /** Whether a detach gives the HWPT its reference back. */
  readonly detachReturnsReference: boolean;

  // vIOMMU, vDEVICE
  /** Whether reserved fields of IOMMU_VIOMMU_ALLOC must be zero. */
  readonly viommuAllocChecksReserved: boolean;
  /** Whether a vIOMMU has a TLB tag of its own, or that of its nesting parent. */
  readonly vsmmuOwnsVmid: boolean;
  /** Whether a vDEVICE's device must be behind the vIOMMU's pSMMU. */
  readonly vdeviceChecksIommu: boolean;
  /** Whether a vDEVICE's device must have exactly one StreamID: a virtual one stands for one. */
  readonly vdeviceNeedsOneStream: boolean;
  /** Whether a virtual StreamID may be given out once only per vIOMMU. */
  readonly virtIdIsUnique: boolean;
  /** Whether attaching a nested domain with this STE.Config needs the device's vDEVICE. */
  nestedAttachNeedsVdevice(config: 'abort' | 'bypass' | 's1Translate'): boolean;

  // invalidation
  /** Whether an array of no entries is a legal probe for the data type. */
  readonly emptyInvalidationIsProbe: boolean;
  /** Whether commands already converted are still issued when a later one of the array is bad. */
  readonly issuesBeforeConversionError: boolean;

  // event queues
  /** Whether an event lost to a full queue leaves a header that says so. */
  readonly veventqRecordsLoss: boolean;
  /** Whether reading that header takes one off the count of waiting events. */
  readonly lostHeaderCountsAsEvent: boolean;
}

declare module '../world/rules.ts' {
  interface Rules {
    readonly iommufd: IommufdRules;
  }
}

export const iommufdIntended: IommufdRules = Object.freeze({
  mapChecksUserAddress: true,
  mapNeedsProtection: true,
  mapFileTakesAny: false,
  dirtyTrackingChecksReserved: true,
  compatMapNeedsProtection: true,
  failedUnmapReports: (bytes) => bytes,
  invalidationIsBounded: true,
  destroyTakesReference: false,
  abortReleasesFileFirst: true,
  abortedQueuePutsContext: false,
  abortedDomainReturnsDevice: true,
  vdeviceFoundBeforeInit: false,
  failedReplaceUnreservesFrom: 'new',
  movedBack: (accepted) => accepted,
  eventHeaderFlags: 0,
  shortReadIsRefused: true,
  failedCopyTakesHeaderBack: true,
  tellsNoMemory: true,
  alignIova: (start, alignment) => {
    const aligned = (start + alignment - 1n) & -alignment;
    return aligned > 0xffff_ffff_ffff_ffffn ? null : aligned;
  },
  reserveChecksUse: true,
  tombstoneIsFree: false,
  unbindDestroysVdevice: true,
  groupOwnerIsExclusive: true,
  groupSharesHwpt: true,
  failedReplaceUnreserves: false,
  pasidNeedsCompat: true,
  failedGroupPasidIsUndone: true,
  failedAttachAnswer: 'undone',
  pasidZeroIsRid: false,
  detachReturnsReference: true,
  viommuAllocChecksReserved: true,
  vsmmuOwnsVmid: true,
  vdeviceChecksIommu: true,
  vdeviceNeedsOneStream: true,
  virtIdIsUnique: true,
  nestedAttachNeedsVdevice: (config) => config === 's1Translate',
  emptyInvalidationIsProbe: true,
  issuesBeforeConversionError: true,
  veventqRecordsLoss: true,
  lostHeaderCountsAsEvent: false,
} satisfies IommufdRules);
