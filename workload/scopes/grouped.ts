import { devices, ITS, kernel, smmu, USER_MEMORY } from './hardware.ts';
import type { Scope } from './scope.ts';

export const grouped: Scope = {
  name: 'grouped',
  summary:
    'A group of two functions, a device with two StreamIDs behind a PCIe-to-PCI bridge, and one device alone: groups move as one, and two StreamIDs have no virtual one.',
  adversary: 'vmm',
  platform: {
    name: 'grouped',
    kernel: kernel({ capSysResource: true, hugePages: true }),
    iommus: [smmu('smmu0')],
    devices: devices([
      { group: 0, streamIds: [0x20] },
      { group: 0, streamIds: [0x21] },
      { group: 1, streamIds: [0x108, 0x100] },
      { group: 2, streamIds: [0x10] },
    ]),
    its: [ITS],
    vms: ['vm0'],
    userMemory: [USER_MEMORY],
  },
};
