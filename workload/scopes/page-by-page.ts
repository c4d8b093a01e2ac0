import type { IommuHardware } from '../../model/platform/platform.ts';
import { update } from '../../spec/bits.ts';
import { idr0, idr3 } from '../../spec/smmuv3/id-registers.ts';
import { devices, ITS, kernel, smmu, USER_MEMORY } from './hardware.ts';
import type { Scope } from './scope.ts';

/** The SMMUv3 of the other scopes with ATS, and without range invalidation. */
function smmuWithoutRanges(): IommuHardware {
  const hardware = smmu('smmu0');
  const [zero = 0, one = 0, two = 0, three = 0, ...others] = hardware.idr;
  const [withAts = 0n] = update(idr0, [BigInt(zero)], { ATS: 1 });
  const [withoutRanges = 0n] = update(idr3, [BigInt(three)], { RIL: 0 });
  return { ...hardware, idr: [Number(withAts), one, two, Number(withoutRanges), ...others] };
}

export const pageByPage: Scope = {
  name: 'page-by-page',
  summary:
    'One virtual machine over an SMMUv3 that has no range invalidation, with two devices that have ATS and one that has it under two StreamIDs: who has ATS, and what an unmap costs.',
  adversary: 'guest',
  share: 2,
  platform: {
    name: 'page-by-page',
    kernel: kernel({}),
    iommus: [smmuWithoutRanges()],
    devices: devices([
      { group: 0, streamIds: [0x10], ats: true },
      { group: 1, streamIds: [0x18], ats: true },
      { group: 2, streamIds: [0x100, 0x108], ats: true },
    ]),
    its: [ITS],
    vms: ['vm0'],
    userMemory: [USER_MEMORY],
    caches: true,
  },
};
