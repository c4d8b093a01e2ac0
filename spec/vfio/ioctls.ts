import type { IoctlTable } from '../iommufd/ioctls.ts';
import { inout, out, pointer, s32, u32, u64 } from '../struct.ts';

const argsz = u32(0);

/**
 * The VFIO device ioctls that a VMM with iommufd uses (linux/vfio.h of Linux 7.2), by the name that commands use
 * here. `argsz` plays the part of iommufd's `size`.
 */
export const VFIO_IOCTLS = {
  vfioGetInfo: {
    name: 'VFIO_DEVICE_GET_INFO',
    nr: 0x6b,
    struct: 'vfio_device_info',
    size: 20,
    minSize: 16,
    fields: {
      argsz,
      flags: out(u32(4)),
      numRegions: out(u32(8)),
      numIrqs: out(u32(12)),
      capOffset: out(u32(16)),
    },
  },
  vfioGetRegionInfo: {
    name: 'VFIO_DEVICE_GET_REGION_INFO',
    nr: 0x6c,
    struct: 'vfio_region_info',
    size: 32,
    minSize: 32,
    fields: {
      argsz: inout(argsz),
      flags: out(u32(4)),
      index: u32(8),
      capOffset: out(u32(12)),
      regionSize: out(u64(16)),
      offset: out(u64(24)),
    },
  },
  vfioGetIrqInfo: {
    name: 'VFIO_DEVICE_GET_IRQ_INFO',
    nr: 0x6d,
    struct: 'vfio_irq_info',
    size: 16,
    minSize: 16,
    fields: { argsz, flags: out(u32(4)), index: u32(8), count: out(u32(12)) },
  },
  vfioSetIrqs: {
    name: 'VFIO_DEVICE_SET_IRQS',
    nr: 0x6e,
    struct: 'vfio_irq_set',
    size: 20,
    minSize: 20,
    fields: { argsz, flags: u32(4), index: u32(8), start: u32(12), count: u32(16) },
  },
  vfioReset: { name: 'VFIO_DEVICE_RESET', nr: 0x6f, struct: '', size: 0, minSize: 0, fields: {} },
  vfioBind: {
    name: 'VFIO_DEVICE_BIND_IOMMUFD',
    nr: 0x76,
    struct: 'vfio_device_bind_iommufd',
    size: 24,
    minSize: 16,
    fields: {
      argsz,
      flags: u32(4),
      iommufd: s32(8),
      outDevid: out(u32(12)),
      tokenUuidPtr: pointer(16, 'in'),
    },
  },
  vfioAttach: {
    name: 'VFIO_DEVICE_ATTACH_IOMMUFD_PT',
    nr: 0x77,
    struct: 'vfio_device_attach_iommufd_pt',
    size: 16,
    minSize: 12,
    fields: { argsz, flags: u32(4), ptId: inout(u32(8)), pasid: u32(12) },
  },
  vfioDetach: {
    name: 'VFIO_DEVICE_DETACH_IOMMUFD_PT',
    nr: 0x78,
    struct: 'vfio_device_detach_iommufd_pt',
    size: 12,
    minSize: 8,
    fields: { argsz, flags: u32(4), pasid: u32(8) },
  },
} as const satisfies Readonly<Record<string, IoctlTable>>;

export type VfioIoctlName = keyof typeof VFIO_IOCTLS;
