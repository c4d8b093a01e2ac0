import { devices, kernel, smmu, USER_MEMORY } from './hardware.ts';
import type { Scope } from './scope.ts';
import { DEFAULT_PROPERTIES } from './vsmmu-hardware.ts';

export const twoIts: Scope = {
  name: 'two-its',
  summary:
    'A virtual machine with one virtual ITS, and three devices behind two physical ones: whose MSI ends where.',
  adversary: 'guest',
  platform: {
    name: 'two-its',
    kernel: kernel({}),
    iommus: [smmu('smmu0')],
    devices: devices([
      { group: 0, streamIds: [0x10], its: 0 },
      { group: 1, streamIds: [0x18], its: 1 },
      { group: 2, streamIds: [0x20], its: 0 },
    ]),
    its: [{ doorbell: 0x808_0000n }, { doorbell: 0x80a_0000n }],
    vms: ['vm0'],
    vmHardware: [
      {
        vm: 'vm0',
        vsmmus: [DEFAULT_PROPERTIES],
        ram: [{ start: 0x4000_0000n, pages: 16 }],
        vits: { start: 0x809_0000n, pages: 1 },
      },
    ],
    userMemory: [USER_MEMORY],
    caches: true,
  },
};
