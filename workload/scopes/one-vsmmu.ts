import { AddressSize } from '../../spec/smmuv3/ste.ts';
import { devices, ITS, kernel, smmu, USER_MEMORY } from './hardware.ts';
import type { Scope } from './scope.ts';
import { DEFAULT_PROPERTIES, smmuWith } from './vsmmu-hardware.ts';

export const oneVsmmu: Scope = {
  name: 'one-vsmmu',
  summary:
    'One virtual machine with one vSMMU, two devices behind the pSMMU that it fits, one that cannot be nested, and another host: the life of a vSMMU.',
  adversary: 'guest',
  platform: {
    name: 'one-vsmmu',
    kernel: kernel({}),
    iommus: [smmu('smmu0'), smmuWith('smmu1', { oas: AddressSize.Bits48, ssidSize: 8 })],
    devices: devices([
      { group: 0, streamIds: [0x10] },
      { group: 1, streamIds: [0x18] },
      { group: 2, streamIds: [0x20], canwbs: false },
      { group: 3, streamIds: [0x10], iommu: 1, host: 1 },
    ]),
    its: [ITS],
    vms: ['vm0'],
    vmHardware: [{ vm: 'vm0', vsmmus: [DEFAULT_PROPERTIES] }],
    userMemory: [USER_MEMORY],
  },
};
