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
  mapNeedsProtection: flag('Whether a mapping must allow reads or writes.', true),
  mapFileTakesAny: flag(
    'Whether MAP_FILE accepts any file, and fails only when its pages are first pinned.',
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
    'How many bytes an unmap that fails half way reports, given how many it removed.',
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
    'Whether the file of an event queue that could not be handed out is released before the queue is freed.',
    true,
  ),
  abortedQueuePutsContext: flag(
    'Whether a fault queue that could not be handed out drops a reference to its context that it never took.',
    false,
  ),
  abortedDomainReturnsDevice: flag(
    'Whether an automatic HWPT that cannot join its IOAS drops its reference to the device before it is freed.',
    true,
  ),
  automaticFoundUnfinished: flag(
    'Whether others find an automatic HWPT in the list of its IOAS before the attach that makes it is through.',
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
    "Out of which IOAS a failed replace takes the device's reserved ranges: the one asked for, or the old one.",
    ['new', 'old'],
    'new',
  ),
  attachListsHwpt: flag(
    'Whether a first attach adds the HWPT to the list of its IOAS, which its allocation has done already.',
    false,
  ),
  pasidTakenBack: decision<(accepted: readonly number[], refused: number) => readonly number[]>(
    'From which devices of a group, in order, a PASID is detached when the driver refuses one of them.',
    '(accepted: readonly number[], refused: number) => readonly number[]',
    (accepted) => accepted,
  ),
  movedBack: decision<(accepted: readonly number[], refused: number) => readonly number[]>(
    'Which devices of a group, in order, are moved back when the driver refuses one of them.',
    '(accepted: readonly number[], refused: number) => readonly number[]',
    (accepted) => accepted,
  ),

  // read() of event queues
  eventHeaderFlags: value<number>('The flags in the header of an event that was not lost.', 'number', 0),
  shortReadIsRefused: flag(
    'Whether a buffer too short for any record is refused, rather than answered with 0 bytes.',
    true,
  ),
  failedCopyTakesHeaderBack: flag('Whether the header is uncounted when its record cannot be copied.', true),
  tellsNoMemory: flag('Whether a read fails when the kernel has no memory for the lost-events header.', true),

  // IOVA space
  alignIova: decision<(start: bigint, alignment: bigint) => bigint | null>(
    'Rounds an IOVA up to a power of two; null where that leaves the address space.',
    '(start: bigint, alignment: bigint) => bigint | null',
    (start, alignment) => {
      const aligned = (start + alignment - 1n) & -alignment;
      return aligned > 0xffff_ffff_ffff_ffffn ? null : aligned;
    },
  ),
  reserveChecksUse: flag('Whether a range that areas or allowed ranges use cannot be reserved.', true),

  // object table
  tombstoneIsFree: flag(
    'Whether an id that an unbound device left reserved may be given to another object.',
    false,
  ),
  unbindDestroysVdevice: flag('Whether unbinding a device destroys its vDEVICE.', true),

  // ownership, attachments, groups
  groupOwnerIsExclusive: flag(
    'Whether another context may bind a device of a group that has an owner.',
    true,
  ),
  groupSharesHwpt: flag('Whether all devices of a group must be attached to one HWPT.', true),
  failedReplaceUnreserves: flag(
    "Whether a failed replace takes the device's reserved ranges out of the IOAS that it asked for.",
    false,
  ),
  pasidNeedsCompat: flag(
    'Whether the HWPTs of requests with and without PASID must both be allocated with IOMMU_HWPT_ALLOC_PASID.',
    true,
  ),
  pasidAsksEveryDevice: flag(
    'Whether an attach of a PASID is refused because a device of the group has no PASIDs.',
    false,
  ),
  nestedAllocNeedsVdevice: flag(
    'Whether a nested HWPT is refused to a device that has no vDEVICE yet.',
    false,
  ),
  failedGroupPasidIsUndone: flag(
    'Whether a PASID that a later member of the group refuses is detached from those before it.',
    true,
  ),
  failedAttachAnswer: choice(
    'What happens to an attach whose answer cannot be written: it is undone, or requests without PASID are detached.',
    ['undone', 'ridDetached'],
    'undone',
  ),
  pasidZeroIsRid: flag('Whether an attach of PASID 0 attaches requests without PASID.', false),
  detachReturnsReference: flag('Whether a detach drops its reference to the HWPT.', true),
  detachBlocks: flag(
    "Whether a group that is owned is blocked once nothing is attached to it; it goes back to the kernel's own domain otherwise.",
    true,
  ),
  copyKeepsOffset: flag('Whether a copy from the middle of an area begins in its middle.', true),

  // vIOMMU, vDEVICE
  viommuAllocChecksReserved: flag('Whether reserved fields of IOMMU_VIOMMU_ALLOC must be zero.', true),
  vsmmuOwnsVmid: flag('Whether a vIOMMU has a TLB tag of its own, or that of its nesting parent.', true),
  vdeviceChecksIommu: flag("Whether a vDEVICE's device must be behind the vIOMMU's pSMMU.", true),
  vdeviceNeedsOneStream: flag(
    'Whether a device needs exactly one StreamID to get a vDEVICE, which has one virtual StreamID.',
    true,
  ),
  virtIdIsUnique: flag('Whether a vIOMMU gives each virtual StreamID to one device only.', true),
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
    'Whether reading a lost-events header takes one off the count of waiting events.',
    false,
  ),
  pollSeesWhatWaits: flag('Whether poll() of a queue wakes its reader when something waits in it.', true),
} satisfies Declarations;

export type IommufdRules = RulesOf<typeof iommufdPoints>;

export const iommufdIntended: IommufdRules = intendedOf(iommufdPoints);
