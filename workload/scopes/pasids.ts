import { update } from '../../spec/bits.ts';
import { idr1 } from '../../spec/smmuv3/id-registers.ts';
import { devices, ITS, kernel, smmu, USER_MEMORY } from './hardware.ts';
import type { Scope } from './scope.ts';

/** Two bits of SubstreamID: four CDs to a stream. */
function smmuWithSubstreams() {
  const hardware = smmu('smmu0');
  const [zero = 0, one = 0, ...others] = hardware.idr;
  const [withSubstreams = 0n] = update(idr1, [BigInt(one)], { SSIDSIZE: 2 });
  return { ...hardware, idr: [zero, Number(withSubstreams), ...others] };
}

export const pasids: Scope = {
  name: 'pasids',
  summary:
    'One SMMUv3 with substreams; a device with PASIDs, a group of which one member refuses what the other takes, a device without any, and a group of which one member has none: attachments by PASID beside those without, and devices that are reset meanwhile.',
  adversary: 'vmm',
  platform: {
    name: 'pasids',
    kernel: kernel({}),
    iommus: [smmuWithSubstreams()],
    devices: devices([
      { group: 0, streamIds: [0x10], pasidBits: 2, resets: true },
      { group: 1, streamIds: [0x20], pasidBits: 2, resets: true },
      { group: 1, streamIds: [0x21], pasidBits: 1, canwbs: false },
      { group: 2, streamIds: [0x30] },
      { group: 3, streamIds: [0x40], pasidBits: 2 },
      { group: 3, streamIds: [0x41] },
    ]),
    its: [ITS],
    vms: ['vm0'],
    userMemory: [USER_MEMORY],
  },
};
