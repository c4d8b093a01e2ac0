import { AddressSize } from '../../spec/smmuv3/ste.ts';
import { devices, ITS, kernel, USER_MEMORY } from './hardware.ts';
import type { Scope } from './scope.ts';
import { DEFAULT_PROPERTIES, smmuWith } from './vsmmu-hardware.ts';

export const guestWords: Scope = {
  name: 'guest-words',
  summary:
    'A virtual machine with two vSMMUs in front of a pSMMU with ATS and substreams, one that advertises them and one that does not: what a guest writes into entries, commands and registers, and what comes of it.',
  adversary: 'guest',
  platform: {
    name: 'guest-words',
    kernel: kernel({}),
    iommus: [smmuWith('smmu0', { oas: AddressSize.Bits48, ssidSize: 8, ats: true })],
    devices: devices([
      { group: 0, streamIds: [0x10], ats: true },
      { group: 1, streamIds: [0x18], ats: true },
      { group: 2, streamIds: [0x20], canwbs: false },
    ]),
    its: [ITS],
    vms: ['vm0'],
    vmHardware: [
      { vm: 'vm0', vsmmus: [DEFAULT_PROPERTIES, { ...DEFAULT_PROPERTIES, ats: true, ssidSize: 8 }] },
    ],
    userMemory: [USER_MEMORY],
  },
};
