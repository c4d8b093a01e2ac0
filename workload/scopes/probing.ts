import { devices, ITS, kernel, smmu, USER_MEMORY } from './hardware.ts';
import type { Scope } from './scope.ts';

/** Where a display that firmware has set up reads from: at 0, as on some boards, and above. */
const FRAMEBUFFER = [
  { start: 0n, last: 0xf_ffffn },
  { start: 0x8000_0000n, last: 0x800f_ffffn },
];

export const probing: Scope = {
  name: 'probing',
  summary:
    'Devices behind an SMMU that the host takes away and finds again: one behind a PCI bridge that has its StreamID twice, and a group of two whose firmware goes on to use memory from address 0 on.',
  adversary: 'guest',
  platform: {
    name: 'probing',
    kernel: kernel({}),
    iommus: [smmu('smmu0')],
    devices: devices([
      { group: 0, streamIds: [0x5, 0x5] },
      { group: 1, streamIds: [0x10], firmwareRegions: FRAMEBUFFER },
      { group: 1, streamIds: [0x11], firmwareRegions: FRAMEBUFFER },
    ]),
    probes: true,
    its: [ITS],
    vms: ['vm0'],
    userMemory: [USER_MEMORY],
  },
};
