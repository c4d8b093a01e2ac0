import type { Described } from '../../live/target.ts';
import type { DeviceHardware } from '../../model/platform/platform.ts';
import { kernel, smmu, USER_MEMORY } from '../../workload/scopes/hardware.ts';

function device(id: string, group: number, streamId: number, behind: number): DeviceHardware {
  const own = { bar0Size: 0x10_0000, msiVectors: 1, its: 0, configSize: 256 };
  return { id, iommu: behind, group, streamIds: [streamId], canwbs: true, ...own };
}

const DEVICES = [
  device('0000:00:02.0', 2, 0x10, 0),
  device('0000:00:03.0', 3, 0x18, 0),
  device('0000:00:04.0', 4, 0x20, 0),
  device('0000:00:04.1', 4, 0x21, 0),
  device('0000:09:00.0', 5, 0x900, 1),
];

const cdevOf = (index: number): string => `/dev/vfio/devices/vfio${index}`;

/** The machine that the lab makes, as its agent would describe it. */
export const DESCRIBED: Described = {
  platform: {
    name: 'live',
    kernel: kernel({ capSysResource: true }),
    iommus: [smmu('smmu0'), smmu('smmu1')],
    devices: DEVICES,
    its: [{ doorbell: 0x802_0000n }],
    vms: ['process'],
    userMemory: [USER_MEMORY],
  },
  meta: { seq: 0, section: '', ev: 'meta', complete: true },
  setups: DEVICES.map(({ id, group }, index) => ({
    seq: 0,
    section: '',
    ev: 'setup',
    bdf: id,
    cdev: cdevOf(index),
    grp: String(group),
  })),
  cdevs: new Map(DEVICES.map(({ id }, index) => [id, cdevOf(index)])),
  dmaDevices: DEVICES.map(({ id }) => id),
  summary: 'the model',
};
