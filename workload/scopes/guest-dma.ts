import { update } from '../../spec/bits.ts';
import { idr0, idr1 } from '../../spec/smmuv3/id-registers.ts';
import { devices, ITS, kernel, smmu, USER_MEMORY } from './hardware.ts';
import type { Scope } from './scope.ts';

/** The SMMUv3 of the other scopes with ATS, and with two CDs to a stream. */
function smmuWithAts() {
  const hardware = smmu('smmu0');
  const [zero = 0, one = 0, ...others] = hardware.idr;
  const [withAts = 0n] = update(idr0, [BigInt(zero)], { ATS: 1 });
  const [withSubstreams = 0n] = update(idr1, [BigInt(one)], { SSIDSIZE: 1 });
  return { ...hardware, idr: [Number(withAts), Number(withSubstreams), ...others] };
}

const [dev0, ...others] = devices([
  { group: 0, streamIds: [0x10] },
  { group: 1, streamIds: [0x18] },
  { group: 2, streamIds: [0x21] },
  { group: 2, streamIds: [0x20] },
]);

export const guestDma: Scope = {
  name: 'guest-dma',
  summary:
    'Two virtual machines over one SMMUv3 whose caches, and the tables that guests write for it, are followed; a device with ATS, one without, and a group of two do DMA.',
  adversary: 'guest',
  share: 4,
  platform: {
    name: 'guest-dma',
    kernel: kernel({}),
    iommus: [smmuWithAts()],
    devices: dev0 === undefined ? others : [{ ...dev0, ats: true }, ...others],
    its: [ITS],
    vms: ['vm0', 'vm1'],
    userMemory: [USER_MEMORY],
    caches: true,
  },
};
