import type { IoctlTable } from '../iommufd/ioctls.ts';
import { out, u32 } from '../struct.ts';

const argsz = u32(0);

/** Ioctls of device files that VMMs seldom make (linux/vfio.h of Linux 7.2). Their numbers mean other calls on other files. */
export const DEVICE_CALLS = {
  hotResetInfo: {
    name: 'VFIO_DEVICE_GET_PCI_HOT_RESET_INFO',
    nr: 0x70,
    sentence: 'Asks which devices a hot reset of this one would reset with it.',
    struct: 'vfio_pci_hot_reset_info',
    size: 12,
    minSize: 12,
    fields: { argsz, flags: out(u32(4)), count: out(u32(8)) },
  },
  hotReset: {
    name: 'VFIO_DEVICE_PCI_HOT_RESET',
    nr: 0x71,
    sentence: 'Resets the bus or slot of a device.',
    struct: 'vfio_pci_hot_reset',
    size: 12,
    minSize: 12,
    fields: { argsz, flags: u32(4), count: u32(8) },
  },
  deviceFeature: {
    name: 'VFIO_DEVICE_FEATURE',
    nr: 0x75,
    sentence: 'Gets, sets or probes a feature of a device.',
    struct: 'vfio_device_feature',
    size: 8,
    minSize: 8,
    fields: { argsz, flags: u32(4) },
  },
} as const satisfies Readonly<Record<string, IoctlTable>>;

export type DeviceCallName = keyof typeof DEVICE_CALLS;
