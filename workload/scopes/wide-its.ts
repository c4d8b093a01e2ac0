import { devices, kernel, smmu } from './hardware.ts';
import type { Scope } from './scope.ts';

export const wideIts: Scope = {
  name: 'wide-its',
  summary:
    'Pages of 64 KiB and an ITS with more doorbells than the MSI window has room for, and another one: where the kernel puts doorbells.',
  adversary: 'vmm',
  platform: {
    name: 'wide-its',
    kernel: kernel({ pageSize: 0x1_0000n }),
    iommus: [smmu('smmu0')],
    devices: devices([
      { group: 0, streamIds: [0x10], its: 0 },
      { group: 1, streamIds: [0x18], its: 1, msiVectors: 24 },
    ]),
    its: [{ doorbell: 0x808_0000n }, { doorbell: 0x900_0000n, doorbellPages: 24 }],
    vms: ['vm0'],
    userMemory: [{ start: 0xffff_f000_0000n, last: 0xffff_f03f_ffffn, writable: true }],
  },
};
