import { runsOfDomain } from '../../model/smmu/machine/mappings.ts';
import { isWithin } from '../../model/smmu/machine/reach.ts';
import { targetsOf } from '../../model/vtd/driver/targets.ts';
import { pasidsInUse, vtdUsableBy } from '../../model/vtd/machine/reach.ts';
import { vtdViewOf } from '../../model/vtd/machine/view-of.ts';
import type { World } from '../../model/world/world.ts';
import { followsVtd } from '../platforms.ts';
import type { StateProperty } from '../property.ts';
import { vtdEntryName } from './caches.ts';

/** A translation by which a device's requests may reach what is not attached at their PASID; null where there is none. */
function strayOf(world: World, device: number): string | null {
  const view = vtdViewOf(world);
  const targets = targetsOf(world, device);
  for (const pasid of pasidsInUse(view, device)) {
    const target = targets.find((each) => each.pasid === pasid);
    const allowed = target === undefined ? [] : runsOfDomain(world, target.ref);
    const stray = vtdUsableBy(world, view, device, pasid).find((hit) => !isWithin(hit, allowed));
    if (stray === undefined) continue;
    const requests = pasid === 0 ? 'requests without PASID' : `requests of PASID ${pasid}`;
    return `${requests} of ${world.platform.devices[device]?.id} may use ${vtdEntryName(world, stray)}`;
  }
  return null;
}

export const pasidReachesItsOwnerOnly: StateProperty = {
  id: 'pasid-reaches-its-owner-only',
  sentence:
    'Requests of a PASID reach only memory that the IOAS attached at it maps now, also after a teardown, and after its number or domain id was given to another.',
  source:
    'seed 002: "It seems unsafe to share PASID\'s with different VM\'s"; VT-d 6.5; intel_pasid_tear_down_entry()',
  kind: 'state',
  appliesTo: followsVtd,
  brokenBy: 'vtd-teardown-by-pasid-only',
  violated(world) {
    if (world.vtd === null) return null;
    for (const device of world.platform.devices.keys()) {
      const stray = strayOf(world, device);
      if (stray !== null) return stray;
    }
    return null;
  },
  witness: (world) =>
    world.devices.some(({ pasidTable }) => pasidTable.length > 0) &&
    (world.vtd?.stale.some(({ cache }) => cache === 'iotlb') ?? false),
};
