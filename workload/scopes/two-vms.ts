import { devices, ITS, kernel, smmu, USER_MEMORY } from './hardware.ts';
import type { Scope } from './scope.ts';

export const twoVms: Scope = {
  name: 'two-vms',
  summary:
    'Two virtual machines that compete for two devices and a group of two behind one SMMUv3: neither may touch, or learn of, what the other has.',
  adversary: 'vmm',
  platform: {
    name: 'two-vms',
    kernel: kernel({}),
    iommus: [smmu('smmu0')],
    devices: devices([
      { group: 0, streamIds: [0x10] },
      { group: 1, streamIds: [0x18] },
      { group: 2, streamIds: [0x20] },
      { group: 2, streamIds: [0x21] },
    ]),
    its: [ITS],
    vms: ['vm0', 'vm1'],
    userMemory: [USER_MEMORY],
  },
};
