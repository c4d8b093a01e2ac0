import { MOCK_DEVICE } from '../../spec/iommufd/selftest.ts';
import { ITS, kernel, USER_MEMORY } from './hardware.ts';
import { MOCK_IOMMU, mockDevices } from './mock-hardware.ts';
import type { Scope } from './scope.ts';

export const selftestsMock: Scope = {
  name: 'selftests-mock',
  summary:
    "The mock IOMMU of the kernel's own selftests, and devices that are made and go: accesses, dirty flags, page requests, PASIDs, vIOMMUs with events and hardware queues.",
  adversary: 'vmm',
  platform: {
    name: 'selftests-mock',
    kernel: kernel({ capSysResource: true }),
    iommus: [MOCK_IOMMU],
    devices: mockDevices(2, [0, MOCK_DEVICE.NO_DIRTY, MOCK_DEVICE.PASID]),
    its: [ITS],
    vms: ['vm0'],
    userMemory: [USER_MEMORY],
  },
};
