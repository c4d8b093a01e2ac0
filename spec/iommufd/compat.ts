import { inout, out, u32, u64 } from '../struct.ts';
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
    struct: 'vfio_iommu_type1_dma_unmap',
    size: 24,
    minSize: 24,
    // `length` is called `size` in the header; here a `size` is always a struct's.
    fields: { argsz: u32(0), flags: u32(4), iova: u64(8), length: inout(u64(16)) },
  },
} as const satisfies Readonly<Record<string, IoctlTable>>;

/** Everything goes: VFIO_DMA_UNMAP_FLAG_ALL. */
export const DMA_UNMAP_ALL = 1 << 1;

export type CompatName = keyof typeof COMPAT_IOCTLS;

/** The others: what only programs that know nothing of iommufd call. CHECK_EXTENSION and SET_IOMMU take a number for a struct. */
export const COMPAT_CALLS = {
  compatApiVersion: { name: 'VFIO_GET_API_VERSION', nr: 0x64, struct: '', size: 0, minSize: 0, fields: {} },
  compatCheckExtension: {
    name: 'VFIO_CHECK_EXTENSION',
    nr: 0x65,
    struct: '',
    size: 0,
    minSize: 0,
    fields: {},
  },
  compatSetIommu: { name: 'VFIO_SET_IOMMU', nr: 0x66, struct: '', size: 0, minSize: 0, fields: {} },
  compatGetInfo: {
    name: 'VFIO_IOMMU_GET_INFO',
    nr: 0x70,
    struct: 'vfio_iommu_type1_info',
    size: 24,
    minSize: 16,
    fields: { argsz: inout(u32(0)), flags: out(u32(4)), iovaPgsizes: out(u64(8)), capOffset: out(u32(16)) },
  },
  compatMapDma: {
    name: 'VFIO_IOMMU_MAP_DMA',
    nr: 0x71,
    struct: 'vfio_iommu_type1_dma_map',
    size: 32,
    minSize: 32,
    fields: { argsz: u32(0), flags: u32(4), vaddr: u64(8), iova: u64(16), length: u64(24) },
  },
} as const satisfies Readonly<Record<string, IoctlTable>>;

export type CompatCallName = keyof typeof COMPAT_CALLS;
