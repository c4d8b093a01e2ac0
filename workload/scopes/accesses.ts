import type { IommuHardware } from '../../model/platform/platform.ts';
import { devices, ITS, kernel, USER_MEMORY } from './hardware.ts';
import type { Scope } from './scope.ts';

const PLAIN: IommuHardware = { kind: 'plain', name: 'iommu0', idr: [], iidr: 0, aidr: 0 };

export const accesses: Scope = {
  name: 'accesses',
  summary:
    'A device behind an IOMMU that only maps, and a mediated device without one, whose driver pins pages of the process: what is pinned, who is asked to unpin it, and registers that are mapped as a dma-buf until they are taken back.',
  adversary: 'vmm',
  platform: {
    name: 'accesses',
    kernel: kernel({}),
    iommus: [PLAIN],
    devices: devices([{ group: 0, streamIds: [0x10] }]),
    mediated: ['mdev0'],
    its: [ITS],
    vms: ['vm0'],
    userMemory: [USER_MEMORY],
  },
};
