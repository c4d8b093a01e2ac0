import type { Errno } from '../../../spec/errno.ts';
import type { IommuState } from '../../host/iommu.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Words } from '../../world/command.ts';
import type { Rules } from '../../world/rules.ts';
import type { Geometry } from '../iopt/table.ts';

/** A domain that holds IOVA mappings, as the driver made it. */
export interface PagingDomain {
  /** Index of the pSMMU for which it was made; no other can use it. */
  readonly iommu: number;
  readonly stage: 1 | 2;
  /** The tag of its translations; stage-1 domains have an ASID instead, which no answer depends on. */
  readonly vmid: number | null;
  /** Made for a device whose every access is coherent; another device must not use it. */
  readonly enforceCoherency: boolean;
  /** Made to track writes: for units that do. */
  readonly tracksWrites?: true;
  readonly geometry: Geometry;
}

/** What a guest asks for on top of a nesting parent, once the host has accepted it. */
export type NestedDomain = NestedStream | NestedTable | NestedMock;

/** A guest's stream table entry (SMMUv3). */
export interface NestedStream {
  readonly iommu: number;
  readonly config: 'abort' | 'bypass' | 's1Translate';
  /** The two words that a guest owns; zero when V=0. */
  readonly ste: readonly [bigint, bigint];
  /** Whether a device that has ATS may use it: a guest's entry that translates says so itself (STE.EATS). */
  readonly enableAts: boolean;
}

/** One first-stage table of a guest's (VT-d): the host owns the PASID table that leads to it. */
export interface NestedTable {
  /** The remapping unit for which it was made; others that can do the same can use it. */
  readonly iommu: number;
  readonly config: 'firstStage';
  readonly flags: bigint;
  /** Guest-physical address of the table. */
  readonly table: bigint;
  /** Bits of the addresses that it translates: 48 or 57. */
  readonly addressWidth: number;
}

/** A nested domain of the selftests' mock IOMMU: nothing but an IOTLB that can be looked into. */
export interface NestedMock {
  readonly iommu: number;
  readonly config: 'mock';
  /** Made on a vIOMMU: only its devices can be attached. */
  readonly onViommu: boolean;
  readonly iotlb: readonly number[];
}

export type Domain = PagingDomain | NestedDomain;

/** A user buffer: what lies behind a pointer, and how many bytes of it the caller speaks of. */
export interface UserData {
  readonly type: number;
  readonly length: number;
  /** Null where the pointer points at nothing. */
  readonly words: Words | null;
}

export interface UserArray {
  readonly type: number;
  readonly entryLength: number;
  readonly entries: number;
  readonly words: Words | null;
}

export interface HwInfo {
  readonly type: number;
  readonly length: number;
  readonly words: Words;
}

/** A range that a device keeps for itself (struct iommu_resv_region), and whether it is the MSI window. */
export interface ReservedRegion {
  readonly start: bigint;
  readonly last: bigint;
  readonly swMsi: boolean;
}

/** A domain or tag that was made, and the driver's state with it. */
export interface Made<T> {
  readonly iommu: IommuState;
  readonly made: T;
}

/** One guest invalidation command, two words. */
export type CommandWords = readonly [bigint, bigint];

/** How far an invalidation array came. */
export interface Invalidated {
  /** What reached the command queue. */
  readonly issued: readonly CommandWords[];
  /** The count that user space is told. */
  readonly handled: number;
  readonly errno: Errno | null;
}

/** Pages of a guest's address space, both ends included, whose translations are to go. */
export interface FlushedRange {
  readonly start: bigint;
  readonly last: bigint;
  /** The paging structures above the pages stay. */
  readonly leaf: boolean;
}

/** How far an invalidation array of a nested HWPT came. */
export interface InvalidatedRanges {
  readonly ranges: readonly FlushedRange[];
  /** The count that user space is told. */
  readonly handled: number;
  readonly errno: Errno | null;
  /** The domain afterwards, where it is another. */
  readonly domain?: NestedDomain;
}

/** Where a hardware event goes: to the guest behind a vIOMMU, or to the host's log. */
export type EventRoute = { readonly to: 'guest'; readonly words: Words } | { readonly to: 'host' };

/** domain_alloc_nested() and cache_invalidate_user(). */
export interface LegacyNesting {
  /** `flags` without FAULT_ID_VALID; the parent is a nesting parent of this driver. */
  alloc(
    platform: Platform,
    device: number,
    parent: PagingDomain,
    flags: number,
    data: UserData,
  ): NestedDomain | Errno;
  invalidate(array: UserArray, rules: Rules, domain: NestedDomain): InvalidatedRanges;
}

/**
 * What iommufd asks of the driver in front of a device (struct iommu_ops, iommu_domain_ops and iommufd_viommu_ops).
 * Pure: state of the pSMMU comes in and goes out.
 */
export interface IommuDriver {
  readonly name: string;
  /** IOMMU_CAP_CACHE_COHERENCY: without it a device cannot be bound at all. */
  cacheCoherent(platform: Platform, device: number): boolean;
  /** IOMMU_CAP_ENFORCE_CACHE_COHERENCY. */
  enforcesCoherency(platform: Platform, device: number): boolean;
  dirtyTracking(platform: Platform, device: number, rules: Rules): boolean;
  hwInfo(platform: Platform, device: number, type: number): HwInfo | Errno;
  reservedRegions(platform: Platform, device: number): readonly ReservedRegion[];
  allocPaging(
    platform: Platform,
    iommu: IommuState,
    device: number,
    flags: number,
    userData: UserData | null,
  ): Made<PagingDomain> | Errno;
  freePaging(iommu: IommuState, domain: PagingDomain): IommuState;
  supportsViommu(platform: Platform, device: number, type: number): boolean;
  /** Gives the vIOMMU's tag. */
  initViommu(
    iommu: IommuState,
    platform: Platform,
    device: number,
    parent: PagingDomain,
    rules: Rules,
    userData: UserData | null,
  ): Made<number> | Errno;
  freeViommu(iommu: IommuState, vmid: number, parent: PagingDomain): IommuState;
  allocNested(iommu: number, flags: number, data: UserData): NestedDomain | Errno;
  /** Nested domains on a paging HWPT itself, without a vIOMMU; null where the driver has no such operation. */
  readonly legacyNesting: LegacyNesting | null;
  initVdevice(platform: Platform, device: number, virtId: bigint, rules: Rules): Errno | null;
  /**
   * `paging` is the domain itself or the nested one's parent; `vsid` the virtual StreamID of the device's vDEVICE on
   * the nested domain's vIOMMU, if it has one.
   */
  attach(
    platform: Platform,
    device: number,
    domain: Domain,
    paging: PagingDomain,
    vsid: bigint | null,
    pasidsInUse: boolean,
    rules: Rules,
  ): Errno | null;
  /** PASIDs from 1 up to this number can be attached (dev->iommu->max_pasids); 0: requests with a PASID do not exist. */
  maxPasids(platform: Platform, device: number): number;
  /** Whether a domain of this driver has `set_dev_pasid`. */
  hasPasidAttach(domain: Domain): boolean;
  /** Whether a PASID can be put back to the blocked domain: no other can be attached in the first place. */
  readonly removesPasids: boolean;
  /** `paging` is the domain itself, or its parent; `rid` is that of requests without PASID, null: blocked. */
  attachPasid(
    platform: Platform,
    device: number,
    domain: Domain,
    paging: PagingDomain,
    rid: Domain | null,
    rules: Rules,
  ): Errno | null;
  /** `streamOf` finds the physical StreamID behind a virtual one of this vIOMMU. */
  invalidate(
    array: UserArray,
    vmid: number,
    streamOf: (vsid: bigint) => number | null,
    rules: Rules,
  ): Invalidated;
  /** Hardware queues of a vIOMMU in guest memory, by the type that asks for one; absent: there are none. */
  readonly hwQueues?: { readonly type: number; readonly most: number };
  routeEvent(words: Words, vsid: bigint | null, rules: Rules): EventRoute;
}
