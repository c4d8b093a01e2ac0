import { devices, ITS, kernel, smmu, USER_MEMORY } from './hardware.ts';
import type { Scope } from './scope.ts';

export const oneSmmu: Scope = {
  name: 'one-smmu',
  summary:
    'One SMMUv3 and two devices, each alone in its group: the smallest platform with everything nested.',
  adversary: 'vmm',
  platform: {
    name: 'one-smmu',
    kernel: kernel({}),
    iommus: [smmu('smmu0')],
    devices: devices([
      { group: 0, streamIds: [0x10] },
      { group: 1, streamIds: [0x18] },
    ]),
    its: [ITS],
    vms: ['vm0'],
    userMemory: [USER_MEMORY],
  },
};
