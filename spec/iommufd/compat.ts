import { bytes, inout, u32, u64 } from '../struct.ts';
import type { IoctlTable } from './ioctls.ts';

/**
 * The calls of VFIO's old containers that `/dev/iommu` answers for the IOAS that IOMMU_VFIO_IOAS names
 * (linux/vfio.h; drivers/iommu/iommufd/vfio_compat.c), as far as they can do what none of iommufd's own can: this one
 * reports how many bytes it unmapped although it failed.
 */
export const COMPAT_IOCTLS = {
  vfioUnmapDma: {
    name: 'VFIO_IOMMU_UNMAP_DMA',
    nr: 0x72,
    sentence: 'Unmaps a range of the IOAS that stands for a container, and tells how many bytes went.',
    struct: 'vfio_iommu_type1_dma_unmap',
    size: 24,
    minSize: 24,
    // `length` is called `size` in the header; here a `size` is always a struct's.
    fields: { argsz: bytes(u32(0)), flags: u32(4), iova: u64(8), length: inout(bytes(u64(16))) },
  },
} as const satisfies Readonly<Record<string, IoctlTable>>;

/** Everything goes: VFIO_DMA_UNMAP_FLAG_ALL. */
export const DMA_UNMAP_ALL = 1 << 1;

export type CompatName = keyof typeof COMPAT_IOCTLS;
