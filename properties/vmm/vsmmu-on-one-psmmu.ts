import { sharesPsmmu } from '../platforms.ts';
import type { StateProperty } from '../property.ts';
import { firstPlugged, placeText } from './look.ts';

export const vsmmuOnOnePsmmu: StateProperty = {
  id: 'vsmmu-on-one-psmmu',
  sentence:
    'A vSMMU is backed by at most one pSMMU at a time, and every nested device behind it by that one.',
  source: 'seed 000, Nicolin Chen: "one vSMMU<->pSMMU"; include/uapi/linux/iommufd.h: IOMMU_VIOMMU_ALLOC',
  kind: 'state',
  appliesTo: sharesPsmmu,
  brokenBy: 'later-device-not-configured',
  violated: (world) =>
    firstPlugged(world, (one) =>
      firstPlugged(world, (other) => {
        if (one.vsmmu !== other.vsmmu || one.psmmu === other.psmmu) return null;
        if (one.device.place?.kind !== 'nested' || other.device.place?.kind !== 'nested') return null;
        return `${placeText(one)} is on ${one.psmmu.name}, ${placeText(other)} on ${other.psmmu.name}`;
      }),
    ),
  witness: (world) =>
    world.vms.some(({ vsmmus }) =>
      vsmmus.some(({ devices }) => devices.filter(({ place }) => place?.kind === 'nested').length > 1),
    ),
};
