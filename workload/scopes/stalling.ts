import { update } from '../../spec/bits.ts';
import { idr0, StallModel } from '../../spec/smmuv3/id-registers.ts';
import { devices, ITS, kernel, smmu, USER_MEMORY } from './hardware.ts';
import type { Scope } from './scope.ts';

function smmuThatStalls() {
  const hardware = smmu('smmu0');
  const [zero = 0, ...others] = hardware.idr;
  const [stalls = 0n] = update(idr0, [BigInt(zero)], { STALL_MODEL: StallModel.StallForced });
  return { ...hardware, idr: [Number(stalls), ...others] };
}

export const stalling: Scope = {
  name: 'stalling',
  summary:
    'A device behind an SMMU in which every stage must stall on its faults: entries that say otherwise are illegal. Transactions do not wait there: a fault ends as the host ends it.',
  adversary: 'guest',
  platform: {
    name: 'stalling',
    kernel: kernel({}),
    iommus: [smmuThatStalls()],
    devices: devices([{ group: 0, streamIds: [0x10] }]),
    its: [ITS],
    vms: ['vm0'],
    userMemory: [USER_MEMORY],
    caches: true,
  },
};
