import type { IommufdObject } from './objects.ts';
import type { DoorbellPage } from './sw-msi/pages.ts';

declare module '../world/world.ts' {
  interface World {
    /** iommufd contexts, one per open of /dev/iommu; a free slot is null. */
    readonly contexts: readonly (Context | null)[];
  }
}

/** What an id stands for: an object, a tombstone, or nothing (null: free for the next allocation). */
export type Slot = IommufdObject | Tombstone | null;

/**
 * The id of a vDEVICE whose device was unbound under it. Looking it up is ENOENT, and it is not given out again
 * while the context lives, so that a late DESTROY of the vDEVICE cannot hit another object.
 */
export interface Tombstone {
  readonly type: 'tombstone';
}

export const TOMBSTONE: Tombstone = Object.freeze({ type: 'tombstone' });

/** An open /dev/iommu (struct iommufd_ctx). */
export interface Context {
  /** By id; index 0 is never an object. No trailing nulls. */
  readonly objects: readonly Slot[];
  /** The file itself (1 while any descriptor is open), every bound device and every event queue file. */
  readonly refs: number;
  /** IOMMU groups with a device bound to this context, by group number. */
  readonly groups: readonly IommufdGroup[];
  /** Doorbells that the kernel gave a page, in the order in which they got it. */
  readonly msiMaps: readonly MsiMap[];
  /** Threads between looking a doorbell's page up and putting it into the list. */
  readonly msiThreads: readonly MsiThread[];
  /** The IOAS that legacy VFIO container calls would use (IOMMU_VFIO_IOAS). */
  readonly compatIoas: number | null;
  /** Pinned pages are charged to the process (MM) instead of the user. */
  readonly chargeProcess: boolean;
}

/** struct iommufd_group: what the context knows of an IOMMU group. */
export interface IommufdGroup {
  readonly group: number;
  /** Bound devices (DEVICE ids), ascending. */
  readonly devices: readonly number[];
  /** The attachment of requests without PASID; null when no device of the group is attached. */
  readonly attach: Attachment | null;
  /** The attachments of requests with a PASID, ascending by PASID. */
  readonly pasids: readonly PasidAttachment[];
  /** Start of the MSI window, once a device with one was attached. */
  readonly swMsiStart: bigint | null;
  /** Doorbells (indices of `Context.msiMaps`) that devices of the group need, ascending. */
  readonly requiredMsi: readonly number[];
}

export interface Attachment {
  readonly hwpt: number;
  /** DEVICE ids that attached, ascending. */
  readonly devices: readonly number[];
}

/** An attachment by PASID. */
export interface PasidAttachment extends Attachment {
  readonly pasid: number;
}

/** struct iommufd_sw_msi_map. */
export interface MsiMap extends DoorbellPage {
  /** Where the window begins, or what stands in its place. */
  readonly swMsiStart: bigint;
}

/** A thread that serves the first vector of a device, and the page that it will use. */
export interface MsiThread {
  readonly devId: number;
  readonly map: MsiMap;
}

export const EMPTY_CONTEXT: Context = Object.freeze({
  objects: Object.freeze([null]),
  refs: 1,
  groups: Object.freeze([]),
  msiMaps: Object.freeze([]),
  msiThreads: Object.freeze([]),
  compatIoas: null,
  chargeProcess: false,
});
