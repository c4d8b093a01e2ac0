import type { Words } from '../world/command.ts';
import type { NestedDomain, PagingDomain } from './drivers/driver.ts';
import type { FaultGroup } from './faults/waiting.ts';
import type { IoPageTable } from './iopt/table.ts';
import type { Pin } from './pins.ts';

/**
 * The object kinds of an iommufd context. `users` is 1 for the table itself plus one for every reference that
 * another object, an attachment, an open file or a driver holds: DESTROY works exactly when it is 1.
 */
export type IommufdObject =
  | Ioas
  | HwptPaging
  | HwptNested
  | DeviceObject
  | Viommu
  | Vdevice
  | Veventq
  | FaultQueue
  | Access
  | Selftest
  | HwQueue;

export type ObjectType = IommufdObject['type'];

export interface Ioas {
  readonly type: 'ioas';
  readonly users: number;
  readonly iopt: IoPageTable;
  /** The paging HWPTs of this IOAS, oldest first: the order in which automatic domains are tried. */
  readonly hwpts: readonly number[];
}

export interface HwptPaging {
  readonly type: 'hwptPaging';
  readonly users: number;
  readonly ioas: number;
  readonly nestParent: boolean;
  /** Made by attaching to an IOAS; goes with its last attachment. */
  readonly autoDomain: boolean;
  readonly pasidCompat: boolean;
  readonly fault: number | null;
  readonly domain: PagingDomain;
  /** Doorbells (indices of `Context.msiMaps`) that are mapped in this domain, ascending. */
  readonly msiPages: readonly number[];
  /** From where on it was to have doorbells (`cookie-user`); null: not said. */
  readonly msiCookie: bigint | null;
  /** The ITS whose doorbells alone it maps of those that its IOAS has (`split-hwpt`); null: all. */
  readonly doorbellsOf: number | null;
  /** Only where it was made to track writes (IOMMU_HWPT_ALLOC_DIRTY_TRACKING). */
  readonly dirty?: DirtyLog;
}

/** What a domain has noted of devices' writes. */
export interface DirtyLog {
  readonly tracking: boolean;
  /** IOVAs of pages that were written, ascending (the dirty flags of its tables). */
  readonly pages: readonly bigint[];
}

export interface HwptNested {
  readonly type: 'hwptNested';
  readonly users: number;
  /** Null: made on its parent itself. */
  readonly viommu: number | null;
  /** The nesting parent, held by the vIOMMU where there is one. */
  readonly parent: number;
  readonly pasidCompat: boolean;
  readonly fault: number | null;
  readonly domain: NestedDomain;
}

export interface DeviceObject {
  readonly type: 'device';
  readonly users: number;
  /** Index of the platform's device. */
  readonly device: number;
  /** Its vDEVICE; a device has at most one. */
  readonly vdevice: number | null;
}

export interface Viommu {
  readonly type: 'viommu';
  readonly users: number;
  readonly viommuType: number;
  readonly hwpt: number;
  /** Index of the pSMMU behind it. */
  readonly iommu: number;
  /** The tag of its stage-1 and nested translations in that pSMMU's TLB. */
  readonly vmid: number;
  /** Where its memory is to be mapped by mmap(), if it has some: only a mock vIOMMU has. */
  readonly page?: bigint;
}

export interface Vdevice {
  readonly type: 'vdevice';
  readonly users: number;
  readonly viommu: number;
  readonly devId: number;
  /** The virtual StreamID. */
  readonly virtId: bigint;
}

export interface Veventq {
  readonly type: 'veventq';
  readonly users: number;
  readonly viommu: number;
  readonly eventType: number;
  readonly depth: number;
  /** Sequence number of the next report. */
  readonly sequence: number;
  readonly events: readonly VeventNode[];
  /** Events that count against `depth`. */
  readonly numEvents: number;
}

/** An event waiting to be read, or the one header that stands for all events lost after it (words null). */
export interface VeventNode {
  readonly sequence: number;
  readonly words: Words | null;
  /** Bytes of the record, where they are no whole words. */
  readonly bytes?: number;
}

export interface FaultQueue {
  readonly type: 'fault';
  readonly users: number;
  /** Groups of page requests that nobody has answered, oldest first. */
  readonly groups: readonly FaultGroup[];
}

/** The access of a driver in the kernel to an IOAS: that of a mediated device (struct iommufd_access). */
export interface Access {
  readonly type: 'access';
  readonly users: number;
  /** Index of the platform's mediated device. */
  readonly mdev: number;
  readonly ioas: number | null;
  /** Between leaving one IOAS and being on another, while its driver unpins; then `ioas` is null. */
  readonly moving: { readonly from: number | null; readonly to: number | null } | null;
  /** What its driver has pinned, ascending; the same range may be there twice. */
  readonly pins: readonly Pin[];
  /** It reads and writes, and pins nothing, so that areas need no alignment for it. */
  readonly anyByte?: true;
  /** It is the kernel's own, for what hardware reads by itself: nothing that it has pinned can be unmapped. */
  readonly locks?: true;
  /** The number of its next pin, where these have numbers. */
  readonly nextPin?: number;
}

/** A mock device and what binds it (struct selftest_obj): with this object they go. */
export interface Selftest {
  readonly type: 'selftest';
  readonly users: number;
  /** Its DEVICE object, and the platform's device. */
  readonly devId: number;
  readonly device: number;
}

/** A queue of a vIOMMU that hardware reads in guest memory (struct iommufd_hw_queue). */
export interface HwQueue {
  readonly type: 'hwQueue';
  readonly users: number;
  readonly viommu: number;
  readonly index: number;
  /** The access that has pinned its memory. */
  readonly access: number;
  /** The queue before it, which has to outlive it. */
  readonly previous: number | null;
}

/** The object of a given type. */
export type ObjectOf<T extends ObjectType> = Extract<IommufdObject, { readonly type: T }>;
