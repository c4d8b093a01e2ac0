import { devices, ITS, kernel, smmu, USER_MEMORY } from './hardware.ts';
import type { Scope } from './scope.ts';

export const twoSmmus: Scope = {
  name: 'two-smmus',
  summary:
    'Two SMMUv3 with two devices each, one of them without CANWBS (no vIOMMU for it): what belongs to one SMMU must not serve the other.',
  adversary: 'vmm',
  platform: {
    name: 'two-smmus',
    kernel: kernel({ capSysResource: true }),
    iommus: [smmu('smmu0'), smmu('smmu1')],
    devices: devices([
      { iommu: 0, group: 0, streamIds: [0x10] },
      { iommu: 0, group: 1, streamIds: [0x18] },
      { iommu: 1, group: 2, streamIds: [0x10] },
      { iommu: 1, group: 3, streamIds: [0x18], canwbs: false },
    ]),
    its: [ITS],
    vms: ['vm0'],
    userMemory: [USER_MEMORY],
  },
};
