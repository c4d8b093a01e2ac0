import type { DeviceHardware } from '../../model/platform/platform.ts';
import { devices, ITS, kernel, smmu, USER_MEMORY } from './hardware.ts';
import type { Scope } from './scope.ts';

const PLACES = devices([
  { group: 0, streamIds: [0x100], msiVectors: 4 },
  { group: 0, streamIds: [0x101], msiVectors: 2 },
  { group: 1, streamIds: [0x108] },
  { group: 2, streamIds: [0x200], msiVectors: 2 },
  { group: 3, streamIds: [0x18] },
]);

/** In what they differ beside their places, in the same order. */
const KINDS: readonly Partial<DeviceHardware>[] = [
  { configSize: 4096 },
  { intx: false },
  { vga: true },
  { configSize: 4096, vfioResets: false },
  {},
];

export const deviceFiles: Scope = {
  name: 'device-files',
  summary:
    'Devices on three buses, with and without lines, PCI Express, VGA and a reset, and two processes that hand descriptors on, fork and die: what device files tell, which devices a hot reset takes with it, and what a file lives as long as.',
  adversary: 'vmm',
  platform: {
    name: 'device-files',
    kernel: kernel({}),
    iommus: [smmu('smmu0')],
    devices: PLACES.map((device, at) => ({ ...device, ...KINDS[at] })),
    its: [ITS],
    vms: ['vm0', 'vm1'],
    userMemory: [USER_MEMORY],
  },
};
