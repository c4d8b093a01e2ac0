declare module '../../world/world.ts' {
  interface World {
    /** Null where no device makes page requests. */
    readonly pageRequests: PageRequests | null;
  }
}

/** One page request of a device (PCIe ATS 10.4): it waits until the last of its group is answered. */
export interface PageRequest {
  /** Page Request Group Index. */
  readonly group: number;
  readonly address: bigint;
  /** Bits as in struct iommu_hwpt_pgfault. */
  readonly perm: number;
  readonly last: boolean;
  /** The PASID that it came with, if any. */
  readonly pasid?: number;
}

/** What devices that make page requests wait for, and what the kernel keeps of it outside fault queues. */
export interface PageRequests {
  /** By device: requests of groups whose last has not come (struct iommu_fault_param), oldest first. */
  readonly partial: readonly (readonly PageRequest[])[];
  /** By device: groups that it waits for an answer to, in the order in which they were complete. */
  readonly awaited: readonly (readonly number[])[];
  /** Devices whose page requests an answer has switched off (PCIe ATS 10.4.2: Response Failure), ascending. */
  readonly off: readonly number[];
}

/** A group of page requests in a fault queue. */
export interface FaultGroup {
  /** Platform index of the device. */
  readonly device: number;
  /** Its object, whose id readers are told. */
  readonly devId: number;
  /** In the order in which readers get them. */
  readonly requests: readonly PageRequest[];
  /** The PASID by whose attachment it came; absent: it came by that of requests without. */
  readonly by?: number;
  /** By which it is answered, once it has been read; null: it waits to be. */
  readonly cookie: number | null;
}

export function bootPageRequests(devices: number): PageRequests {
  const none = Object.freeze([]);
  const each = Object.freeze(new Array<readonly never[]>(devices).fill(none));
  return Object.freeze({ partial: each, awaited: each, off: none });
}
