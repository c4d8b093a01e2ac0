import { bytes, inout, out, u32, u64 } from '../struct.ts';
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

/** The others: what only programs that know nothing of iommufd call. CHECK_EXTENSION and SET_IOMMU take a number for a struct. */
export const COMPAT_CALLS = {
  compatApiVersion: {
    name: 'VFIO_GET_API_VERSION',
    nr: 0x64,
    sentence: 'Asks for the version of the interface.',
    struct: '',
    size: 0,
    minSize: 0,
    fields: {},
  },
  compatCheckExtension: {
    name: 'VFIO_CHECK_EXTENSION',
    nr: 0x65,
    sentence: 'Asks whether the container of /dev/iommu has an extension.',
    struct: '',
    size: 0,
    minSize: 0,
    fields: {},
  },
  compatSetIommu: {
    name: 'VFIO_SET_IOMMU',
    nr: 0x66,
    sentence: 'Sets the kind of IOMMU of the container that /dev/iommu stands for.',
    struct: '',
    size: 0,
    minSize: 0,
    fields: {},
  },
  compatGetInfo: {
    name: 'VFIO_IOMMU_GET_INFO',
    nr: 0x70,
    sentence: 'Asks for page sizes and IOVA ranges of the IOAS that stands for a container.',
    struct: 'vfio_iommu_type1_info',
    size: 24,
    minSize: 16,
    fields: { argsz: inout(u32(0)), flags: out(u32(4)), iovaPgsizes: out(u64(8)), capOffset: out(u32(16)) },
  },
  compatMapDma: {
    name: 'VFIO_IOMMU_MAP_DMA',
    nr: 0x71,
    sentence: 'Maps memory into the IOAS that stands for a container.',
    struct: 'vfio_iommu_type1_dma_map',
    size: 32,
    minSize: 32,
    fields: { argsz: u32(0), flags: u32(4), vaddr: u64(8), iova: u64(16), length: u64(24) },
  },
} as const satisfies Readonly<Record<string, IoctlTable>>;

export type CompatCallName = keyof typeof COMPAT_CALLS;
