import { kernel } from './hardware.ts';
import type { Scope } from './scope.ts';

export const containerMsi: Scope = {
  name: 'container-msi',
  summary:
    "VFIO's old containers on a kernel with pages of 64 KiB: groups whose MSIs go to an ITS, to one with more doorbells than the MSI window has room for, to one in front of the SMMU, and to one that does not look at who writes.",
  adversary: 'vmm',
  platform: {
    name: 'container-msi',
    kernel: kernel({ pageSize: 0x1_0000n }),
    iommus: [],
    devices: [],
    its: [
      { doorbell: 0x808_0000n },
      { doorbell: 0x900_0000n, doorbellPages: 24 },
      { doorbell: 0xa00_0000n, untranslated: true },
      { doorbell: 0xb00_0000n, unisolated: true },
    ],
    vms: ['vm0'],
    userMemory: [],
    legacy: {
      iommus: [
        {
          name: 'smmu',
          stage1: true,
          stage2: true,
          nestingAttribute: true,
          pageSize: 0x1000n,
          lastIova: 0xffff_ffff_ffffn,
          msiWindow: { start: 0x800_0000n, last: 0x80f_ffffn },
          enforcesCoherency: false,
        },
      ],
      groups: [
        { iommu: 0, devices: ['nic0', 'nic1'], its: 0, msiVectors: 1 },
        { iommu: 0, devices: ['disk0'], its: 1, msiVectors: 24 },
        { iommu: 0, devices: ['gpu0'], its: 2, msiVectors: 1 },
        { iommu: 0, devices: ['old0'], its: 3, msiVectors: 1 },
      ],
      containers: 2,
      dmaEntries: 3,
      memory: { start: 0x7f00_0000_0000n, last: 0x7f00_000f_ffffn },
    },
  },
};
