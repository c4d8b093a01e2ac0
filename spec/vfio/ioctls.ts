import type { IoctlTable } from '../iommufd/ioctls.ts';
import { bytes, flags, inout, makes, names, out, pointer, s32, u32, u64, values } from '../struct.ts';
import { VFIO_IRQ_SET, VFIO_PCI } from './constants.ts';

const argsz = bytes(u32(0));

/**
 * The VFIO device ioctls that a VMM with iommufd uses (linux/vfio.h of Linux 7.2), by the name that commands use
 * here. `argsz` plays the part of iommufd's `size`.
 */
export const VFIO_IOCTLS = {
  vfioGetInfo: {
    name: 'VFIO_DEVICE_GET_INFO',
    nr: 0x6b,
    sentence: 'Tells how many regions and interrupts a device has.',
    struct: 'vfio_device_info',
    size: 24,
    minSize: 16,
    fields: {
      argsz,
      flags: out(u32(4)),
      numRegions: out(u32(8)),
      numIrqs: out(u32(12)),
      capOffset: out(u32(16)),
      pad: out(u32(20)),
    },
  },
  vfioGetRegionInfo: {
    name: 'VFIO_DEVICE_GET_REGION_INFO',
    nr: 0x6c,
    sentence: 'Tells about a region of a device.',
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
    sentence: 'Tells about interrupts of a device.',
    struct: 'vfio_irq_info',
    size: 16,
    minSize: 16,
    fields: { argsz, flags: out(u32(4)), index: u32(8), count: out(u32(12)) },
  },
  vfioSetIrqs: {
    name: 'VFIO_DEVICE_SET_IRQS',
    nr: 0x6e,
    sentence: 'Switches interrupts of a device on or off.',
    struct: 'vfio_irq_set',
    size: 20,
    minSize: 20,
    fields: {
      argsz,
      flags: flags(VFIO_IRQ_SET, u32(4)),
      index: values({ MSI: VFIO_PCI.MSI_IRQ }, u32(8)),
      start: u32(12),
      count: u32(16),
    },
  },
  vfioReset: {
    name: 'VFIO_DEVICE_RESET',
    nr: 0x6f,
    sentence: 'Resets a device.',
    struct: '',
    size: 0,
    minSize: 0,
    fields: {},
  },
  vfioBind: {
    name: 'VFIO_DEVICE_BIND_IOMMUFD',
    nr: 0x76,
    sentence: 'Binds a device to an iommufd: it becomes a DEVICE object there.',
    struct: 'vfio_device_bind_iommufd',
    size: 24,
    minSize: 16,
    fields: {
      argsz,
      flags: u32(4),
      iommufd: names('iommufd', s32(8)),
      outDevid: makes('device', out(u32(12))),
      tokenUuidPtr: pointer(16, 'in'),
    },
  },
  vfioAttach: {
    name: 'VFIO_DEVICE_ATTACH_IOMMUFD_PT',
    nr: 0x77,
    sentence: 'Attaches a device, or a PASID of it, to an IOAS or an HWPT.',
    takesBack: true,
    struct: 'vfio_device_attach_iommufd_pt',
    size: 16,
    minSize: 12,
    fields: { argsz, flags: u32(4), ptId: makes('hwpt', inout(names('pt', u32(8)))), pasid: u32(12) },
  },
  vfioDetach: {
    name: 'VFIO_DEVICE_DETACH_IOMMUFD_PT',
    nr: 0x78,
    sentence: 'Detaches a device, or a PASID of it.',
    struct: 'vfio_device_detach_iommufd_pt',
    size: 12,
    minSize: 8,
    fields: { argsz, flags: u32(4), pasid: u32(8) },
  },
} as const satisfies Readonly<Record<string, IoctlTable>>;

export type VfioIoctlName = keyof typeof VFIO_IOCTLS;
