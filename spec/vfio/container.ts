/** What a container's SET_IOMMU and CHECK_EXTENSION name (linux/vfio.h of Linux 6.1; 6 is reserved since 6.12). */
export const VFIO_EXTENSION = {
  TYPE1: 1,
  SPAPR_TCE: 2,
  TYPE1V2: 3,
  DMA_CC: 4,
  TYPE1_NESTING: 6,
  UNMAP_ALL: 9,
  UPDATE_VADDR: 10,
} as const;

/** Flags of VFIO_IOMMU_MAP_DMA; VADDR gives pages of a mapping that has lost them a new address. */
export const DMA_MAP = { READ: 1, WRITE: 2, VADDR: 4 } as const;

/** Flags of VFIO_IOMMU_UNMAP_DMA: everything goes; only the user addresses go. */
export const DMA_UNMAP = { ALL: 2, VADDR: 4 } as const;

/** Bytes of struct vfio_iommu_type1_dma_map and of struct vfio_iommu_type1_dma_unmap. */
export const MAP_BYTES = 32;
export const UNMAP_BYTES = 24;

/** Flags of VFIO_IOMMU_GET_INFO. */
export const INFO_FLAG = { PGSIZES: 1, CAPS: 2 } as const;

/** Bytes of struct vfio_iommu_type1_info, and what it must have at least. */
export const INFO_BYTES = 24;
export const INFO_MIN_BYTES = 16;

/** Bytes of the capabilities behind it, each to the next 8: migration, DMA entries, IOVA ranges and each of these. */
export const CAP_MIGRATION_BYTES = 32;
export const CAP_DMA_AVAIL_BYTES = 16;
export const CAP_IOVA_RANGE_BYTES = 16;
export const IOVA_RANGE_BYTES = 16;
