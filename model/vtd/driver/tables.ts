import type { Words } from '../../world/command.ts';

/** What the driver keeps in memory for the units. */
export interface VtdTables {
  /** Paging domains whose tables some entry leads to. The index places the tables. */
  readonly placed: readonly (PagingRef | null)[];
  /** Domains that devices are on; the index and two is the domain id. */
  readonly domainIds: readonly (DomainId | null)[];
  /** Parallel to `platform.devices`. */
  readonly devices: readonly DeviceTables[];
}

/** Names a paging HWPT while it lives. */
export interface PagingRef {
  readonly ctx: number;
  readonly hwpt: number;
}

/** A domain has an id of its own on each unit. */
export interface DomainId extends PagingRef {
  readonly iommu: number;
}

/** What the driver has written for one device. */
export interface DeviceTables {
  readonly context: Words;
  /** Which of its PASID tables is in use: each scan of the device makes a new one. */
  readonly table: number;
  /** The entries of its PASID directory that lead somewhere, which they do from the first use on. */
  readonly directory: readonly number[];
  /** The PASID table's entries that are not all zero, by PASID. Entry 0 serves requests without one. */
  readonly entries: Readonly<Record<number, Words>>;
}
