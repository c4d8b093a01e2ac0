/** What the driver of an SMMU keeps of the devices that the host has found behind it. */
export interface Probed {
  /** StreamIDs, and the device that each leads to, ascending (struct arm_smmu_device.streams). */
  readonly streams: readonly StreamOwner[];
  /** Firmware's regions that default domains map to themselves, ascending. */
  readonly direct: readonly DirectMapping[];
  /** Devices that a table of CDs was made for, and not freed, ascending. */
  readonly cdTables: readonly number[];
  /** Devices that the host has found and the driver did not take, ascending: no IOMMU group has them, and VFIO does not either. */
  readonly refused: readonly number[];
}

export interface StreamOwner {
  readonly sid: number;
  readonly device: number;
}

/** A region in the default domain of an IOMMU group, by where it begins. */
export interface DirectMapping {
  readonly group: number;
  readonly start: bigint;
}
