import {
  choice,
  type Declarations,
  decision,
  flag,
  intendedOf,
  type RulesOf,
  value,
} from '../world/declare.ts';

declare module '../world/rules.ts' {
  interface Rules {
    readonly iommufd: IommufdRules;
  }
}

/** The decision points of iommufd's calls: what they check, and what is left where one fails half way. */
export const iommufdPoints = {
  // mappings
  mapChecksUserAddress: flag('Whether user addresses that leave the address space are refused.', true),
  mapNeedsProtection: flag('Whether a mapping must be readable or writeable.', true),
  mapFileTakesAny: flag(
    'Whether MAP_FILE takes any file, and finds out what it is when its pages are first pinned.',
    false,
  ),
  dirtyTrackingChecksReserved: flag(
    'Whether the reserved field of HWPT_SET_DIRTY_TRACKING must be zero.',
    true,
  ),
  compatMapNeedsProtection: flag(
    'Whether VFIO_IOMMU_MAP_DMA on an iommufd must ask for reading or writing.',
    true,
  ),
  failedUnmapReports: decision<(bytes: bigint) => bigint>(
    'How many of the bytes that an unmap took before it failed the call reports.',
    '(bytes: bigint) => bigint',
    (bytes) => bytes,
  ),
  invalidationIsBounded: flag(
    'Whether an invalidation array is refused where it is longer than the interface allows.',
    true,
  ),

  // objects
  destroyTakesReference: flag('Whether DESTROY takes a reference to what it is about to destroy.', false),
  abortReleasesFileFirst: flag(
    'Whether the file of an event queue that could not be handed out is gone before the queue is.',
    true,
  ),
  abortedQueuePutsContext: flag(
    'Whether a fault queue that could not be handed out gives back a reference to its context, which it did not take.',
    false,
  ),
  abortedDomainReturnsDevice: flag(
    "Whether an automatic HWPT that cannot join its IOAS gives the device's reference back before it is dropped.",
    true,
  ),
  automaticHwptFoundUnfinished: flag(
    'Whether an automatic HWPT can be found in its IOAS before the device for which it is made is on it.',
    false,
  ),
  changeProcessLooksForPages: flag(
    'Whether CHANGE_PROCESS is refused while a MAP of another thread has no pages yet.',
    true,
  ),
  vdeviceFoundBeforeInit: flag(
    'Whether a vDEVICE can be found by its StreamID before the driver has accepted it.',
    false,
  ),

  // attachments
  failedReplaceUnreservesFrom: choice(
    "Out of which IOAS a replace that failed takes the device's reserved ranges: the one asked for, or the old one.",
    ['new', 'old'],
    'new',
  ),
  attachListsHwpt: flag(
    'Whether a first attach puts the HWPT into the list of its IOAS, where its making had put it already.',
    false,
  ),
  pasidTakenBack: decision<(accepted: readonly number[], refused: number) => readonly number[]>(
    "Of a group's devices, in order, those from which a PASID is taken back when the driver refuses one of them.",
    '(accepted: readonly number[], refused: number) => readonly number[]',
    (accepted) => accepted,
  ),
  movedBack: decision<(accepted: readonly number[], refused: number) => readonly number[]>(
    "Of a group's devices, in order, those that are moved back when the driver refuses one of them.",
    '(accepted: readonly number[], refused: number) => readonly number[]',
    (accepted) => accepted,
  ),

  // read() of event queues
  eventHeaderFlags: value<number>('The flags in the header of an event that was not lost.', 'number', 0),
  shortReadIsRefused: flag(
    'Whether a buffer too short for anything is refused, rather than answered with no bytes.',
    true,
  ),
  failedCopyTakesHeaderBack: flag(
    'Whether a header is taken back out of the count when its record cannot be copied.',
    true,
  ),
  tellsNoMemory: flag(
    'Whether a read says so when the kernel has no memory for the lost-events header.',
    true,
  ),

  // IOVA space
  alignIova: decision<(start: bigint, alignment: bigint) => bigint | null>(
    'Rounds an IOVA up to a power of two; null where that leaves the address space.',
    '(start: bigint, alignment: bigint) => bigint | null',
    (start, alignment) => {
      const aligned = (start + alignment - 1n) & -alignment;
      return aligned > 0xffff_ffff_ffff_ffffn ? null : aligned;
    },
  ),
  reserveChecksUse: flag(
    'Whether a range that areas or allowed ranges use can be refused to whoever wants to reserve it.',
    true,
  ),

  // object table
  tombstoneIsFree: flag("Whether a tombstone's id may be given to another object.", false),
  unbindDestroysVdevice: flag('Whether unbinding a device takes its vDEVICE with it.', true),

  // ownership, attachments, groups
  groupOwnerIsExclusive: flag(
    'Whether another context may bind a device of a group that has an owner.',
    true,
  ),
  groupSharesHwpt: flag(
    'Whether the other devices of a group must be attached to what the first was attached to.',
    true,
  ),
  failedReplaceUnreserves: flag(
    "Whether a failed replace takes the device's reserved ranges out of the IOAS that it asked for.",
    false,
  ),
  pasidNeedsCompat: flag(
    'Whether HWPTs of requests with and without PASID must be made for each other (IOMMU_HWPT_ALLOC_PASID).',
    true,
  ),
  failedGroupPasidIsUndone: flag(
    'Whether a PASID that a later member of the group refuses is taken back from those before it.',
    true,
  ),
  failedAttachAnswer: choice(
    "What becomes of an attach whose answer cannot be written: it is undone, or the device's RID is detached.",
    ['undone', 'ridDetached'],
    'undone',
  ),
  pasidZeroIsRid: flag('Whether PASID 0 of an attach by PASID is taken for requests without PASID.', false),
  detachReturnsReference: flag('Whether a detach gives the HWPT its reference back.', true),

  // vIOMMU, vDEVICE
  viommuAllocChecksReserved: flag('Whether reserved fields of IOMMU_VIOMMU_ALLOC must be zero.', true),
  vsmmuOwnsVmid: flag('Whether a vIOMMU has a TLB tag of its own, or that of its nesting parent.', true),
  vdeviceChecksIommu: flag("Whether a vDEVICE's device must be behind the vIOMMU's pSMMU.", true),
  vdeviceNeedsOneStream: flag(
    "Whether a vDEVICE's device must have exactly one StreamID: a virtual one stands for one.",
    true,
  ),
  virtIdIsUnique: flag('Whether a virtual StreamID may be given out once only per vIOMMU.', true),
  nestedAttachNeedsVdevice: decision<(config: 'abort' | 'bypass' | 's1Translate') => boolean>(
    "Whether attaching a nested domain with this STE.Config needs the device's vDEVICE.",
    "(config: 'abort' | 'bypass' | 's1Translate') => boolean",
    (config) => config === 's1Translate',
  ),

  // invalidation
  emptyInvalidationIsProbe: flag('Whether an array of no entries is a legal probe for the data type.', true),
  issuesBeforeConversionError: flag(
    'Whether commands already converted are still issued when a later one of the array is bad.',
    true,
  ),

  // event queues
  veventqRecordsLoss: flag('Whether an event lost to a full queue leaves a header that says so.', true),
  lostHeaderCountsAsEvent: flag(
    'Whether reading that header takes one off the count of waiting events.',
    false,
  ),
} satisfies Declarations;

export type IommufdRules = RulesOf<typeof iommufdPoints>;

export const iommufdIntended: IommufdRules = intendedOf(iommufdPoints);
