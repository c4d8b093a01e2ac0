import type { MsiMessage } from '../host/msi-message.ts';
import type { LegacyIommu, LegacyPlatform } from '../platform/legacy.ts';
import type { KernelConfig } from '../platform/platform.ts';
import { type MsiCookie, OWN_COOKIE } from './cookie.ts';

declare module '../world/world.ts' {
  interface World {
    /** Null where the platform has no old containers. */
    readonly legacy: LegacyMachine | null;
  }
}

/** What SET_IOMMU makes of a container. */
export type ContainerType = 'type1' | 'type1v2' | 'nesting';

/** VFIO's containers and groups (drivers/vfio/{vfio,vfio_iommu_type1}.c up to Linux 6.11). */
export interface LegacyMachine {
  /** By number, which stands for its file; null: not open. */
  readonly containers: readonly (Container | null)[];
  /** Parallel to the platform's. */
  readonly groups: readonly LegacyGroup[];
  /** Threads between looking a doorbell's page up and taking one. */
  readonly threads: readonly VectorThread[];
}

/** A thread that serves the first vector of a device, and whether it has found a page. */
export interface VectorThread {
  readonly group: number;
  readonly device: string;
  readonly found: boolean;
}

export interface Container {
  /** Its own file is open; groups that are in it keep it also without. */
  readonly opened: boolean;
  /** Groups in it, ascending. */
  readonly groups: readonly number[];
  /** Null until SET_IOMMU. */
  readonly type: ContainerType | null;
  /** Ascending by IOVA. */
  readonly mappings: readonly DmaMapping[];
  readonly domains: readonly LegacyDomain[];
}

/** struct vfio_dma. */
export interface DmaMapping {
  readonly iova: bigint;
  readonly size: bigint;
  readonly vaddr: bigint;
  readonly read: boolean;
  readonly write: boolean;
  /** Its user address was taken back (VFIO_DMA_UNMAP_FLAG_VADDR); absent: it has one. */
  readonly lost?: true;
}

/** struct vfio_domain: one for each IOMMU that groups of the container are behind. */
export interface LegacyDomain {
  readonly iommu: number;
  readonly groups: readonly number[];
  /** The stage that its tables are of: what is mapped is mapped there, and the other is not used. */
  readonly stage: 1 | 2;
  /** What its tables map for the user. */
  readonly mapped: readonly DmaMapping[];
  /** What they map for MSIs, and what is kept of that; null: MSIs of its devices are left as they are. */
  readonly cookie: MsiCookie | null;
}

export interface LegacyGroup {
  /** A descriptor of it is open. */
  readonly opened: boolean;
  readonly container: number | null;
  /** Open descriptors of devices, by the device's name, ascending. */
  readonly devices: readonly string[];
  /** Devices that a driver of the host has, by name, ascending. */
  readonly hostDrivers: readonly string[];
  /** Devices with vectors on, and what these are programmed with; ascending. */
  readonly vectors: readonly DeviceVectors[];
  /** Of the kernel's own domain, which the group is on while no user has it. */
  readonly ownCookie: MsiCookie;
}

export interface DeviceVectors {
  readonly device: string;
  readonly messages: readonly MsiMessage[];
}

export function bootLegacy({ groups }: LegacyPlatform): LegacyMachine {
  return {
    containers: [],
    groups: groups.map(() => ({
      opened: false,
      container: null,
      devices: [],
      hostDrivers: [],
      vectors: [],
      ownCookie: OWN_COOKIE,
    })),
    threads: [],
  };
}

export function iommuOf({ iommus }: LegacyPlatform, index: number): LegacyIommu {
  return iommus[index] as LegacyIommu;
}

/** The smallest page that every domain of the container can map, and no smaller than the kernel's (vfio_update_pgsize_bitmap()). */
export function pageSizeOf(platform: LegacyPlatform, kernel: KernelConfig, { domains }: Container): bigint {
  let size = kernel.pageSize;
  for (const { iommu } of domains) {
    const { pageSize } = iommuOf(platform, iommu);
    if (pageSize > size) size = pageSize;
  }
  return size;
}

/** The lowest mapping that meets the range (vfio_find_dma_first_node()); undefined: none. */
export function firstMapping(
  mappings: readonly DmaMapping[],
  iova: bigint,
  size: bigint,
): DmaMapping | undefined {
  return mappings.find((each) => each.iova < iova + size && iova < each.iova + each.size);
}
