/** The decision points of iommufd's calls: what they check, and what is left where one fails half way. */
export interface IommufdRules {
  // mappings
  /** Whether user addresses that leave the address space are refused. */
  mapChecksUserAddress(): boolean;
  /** Whether a mapping must be readable or writeable. */
  mapNeedsProtection(): boolean;
  /** How many of the bytes that an unmap took before it failed the call reports. */
  failedUnmapReports(bytes: bigint): bigint;
  /** Whether an invalidation array is refused where it is longer than the interface allows. */
  invalidationIsBounded(): boolean;

  // objects
  /** Whether DESTROY takes a reference to what it is about to destroy. */
  destroyTakesReference(): boolean;
  /** Whether the file of an event queue that could not be handed out is gone before the queue is. */
  abortReleasesFileFirst(): boolean;
  /** Whether a vDEVICE can be found by its StreamID before the driver has accepted it. */
  vdeviceFoundBeforeInit(): boolean;

  // attachments
  /** Out of which IOAS a replace that failed takes the device's reserved ranges: the one asked for, or the old one. */
  failedReplaceUnreservesFrom(): 'new' | 'old';
  /** Of a group's devices, in order, those that are moved back when the driver refuses one of them. */
  movedBack(accepted: readonly number[], refused: number): readonly number[];

  // read() of event queues
  /** The flags in the header of an event that was not lost. */
  eventHeaderFlags(): number;
  /** Whether a buffer too short for anything is refused, rather than answered with no bytes. */
  shortReadIsRefused(): boolean;
  /** Whether a header is taken back out of the count when its record cannot be copied. */
  failedCopyTakesHeaderBack(): boolean;
  /** Whether a read says so when the kernel has no memory for the lost-events header. */
  tellsNoMemory(): boolean;
}

export const iommufdIntended: IommufdRules = Object.freeze({
  mapChecksUserAddress: () => true,
  mapNeedsProtection: () => true,
  failedUnmapReports: (bytes) => bytes,
  invalidationIsBounded: () => true,
  destroyTakesReference: () => false,
  abortReleasesFileFirst: () => true,
  vdeviceFoundBeforeInit: () => false,
  failedReplaceUnreservesFrom: () => 'new',
  movedBack: (accepted) => accepted,
  eventHeaderFlags: () => 0,
  shortReadIsRefused: () => true,
  failedCopyTakesHeaderBack: () => true,
  tellsNoMemory: () => true,
} satisfies IommufdRules);
