import { devices, ITS, kernel, smmu, USER_MEMORY } from './hardware.ts';
import type { Scope } from './scope.ts';
import { DEFAULT_PROPERTIES } from './vsmmu-hardware.ts';

export const msiLayouts: Scope = {
  name: 'msi-layouts',
  summary:
    "A virtual machine whose RAM lies where the kernel's MSI window is, one that has no ITS, and one whose ITS is smaller than a physical one; a device whose MSIs no IOMMU translates beside others.",
  adversary: 'guest',
  platform: {
    name: 'msi-layouts',
    kernel: kernel({}),
    iommus: [smmu('smmu0')],
    devices: devices([
      { group: 0, streamIds: [0x10], its: 0 },
      { group: 1, streamIds: [0x18], its: 1 },
      { group: 2, streamIds: [0x20], its: 2, msiVectors: 2 },
    ]),
    its: [ITS, { doorbell: 0x900_0000n, untranslated: true }, { doorbell: 0x80a_0000n, doorbellPages: 2 }],
    vms: ['vm0', 'vm1', 'vm2'],
    vmHardware: [
      {
        vm: 'vm0',
        vsmmus: [DEFAULT_PROPERTIES],
        ram: [{ start: 0x7ff_8000n, pages: 16 }],
        vits: { start: 0x809_0000n, pages: 1 },
      },
      {
        vm: 'vm1',
        vsmmus: [DEFAULT_PROPERTIES],
        ram: [{ start: 0x4000_0000n, pages: 16 }],
        vits: null,
      },
      {
        vm: 'vm2',
        vsmmus: [DEFAULT_PROPERTIES],
        ram: [{ start: 0x4000_0000n, pages: 16 }],
        vits: { start: 0x809_0000n, pages: 1 },
      },
    ],
    userMemory: [USER_MEMORY],
    caches: true,
  },
};
