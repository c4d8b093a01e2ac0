/** What VFIO's old containers stand on: IOMMUs of some stages, groups behind them, and memory of one process. */
export interface LegacyPlatform {
  readonly iommus: readonly LegacyIommu[];
  readonly groups: readonly LegacyGroupHardware[];
  /** Containers that can be open at once. */
  readonly containers: number;
  /** Mappings that a container takes (`dma_entry_limit` of vfio_iommu_type1; 65535 where nobody says otherwise). */
  readonly dmaEntries: number;
  /** The process's memory, both ends included; pinning anything else fails. */
  readonly memory: { readonly start: bigint; readonly last: bigint };
}

/** An IOMMU, as its driver offers it to VFIO. */
export interface LegacyIommu {
  readonly name: string;
  readonly stage1: boolean;
  readonly stage2: boolean;
  /** The driver knows DOMAIN_ATTR_NESTING. */
  readonly nestingAttribute: boolean;
  /** The smallest page that it maps: a power of two. */
  readonly pageSize: bigint;
  /** The last address of its aperture. */
  readonly lastIova: bigint;
  /** Where its driver lets the kernel place doorbells (IOMMU_RESV_SW_MSI); null: MSIs are none of its business. */
  readonly msiWindow: { readonly start: bigint; readonly last: bigint } | null;
  /** It can make DMA coherent whatever a device asks for (IOMMU_CAP_ENFORCE_CACHE_COHERENCY). */
  readonly enforcesCoherency: boolean;
}

export interface LegacyGroupHardware {
  /** Index of its IOMMU. */
  readonly iommu: number;
  /** Devices of the group, by name. */
  readonly devices: readonly string[];
  /** Index of the ITS to which their MSIs go. */
  readonly its: number;
  /** MSI vectors that each of them has. */
  readonly msiVectors: number;
}
