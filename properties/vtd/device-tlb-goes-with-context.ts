import { contextOf } from '../../model/vtd/driver/translation.ts';
import { hardwareOf } from '../../model/vtd/machine/view.ts';
import { vtdViewOf } from '../../model/vtd/machine/view-of.ts';
import type { World } from '../../model/world/world.ts';
import { followsVtd, hasAts } from '../platforms.ts';
import type { StateProperty } from '../property.ts';
import { vtdEntryName } from './caches.ts';

/** Whether any context entry that a device may be under lets it use its TLB. */
function mayUseTlb(world: World, device: number): boolean {
  const hardware = hardwareOf(world.platform, device);
  return (vtdViewOf(world).contexts[device] ?? []).some(({ words }) => contextOf(hardware, words).ats);
}

export const deviceTlbGoesWithContext: StateProperty = {
  id: 'device-tlb-goes-with-context',
  sentence: 'If no context entry lets a device use its device TLB, that TLB is empty.',
  source: 'iommu/vt-d: Global devTLB flush when present context entry changed; VT-d 6.5.3.3',
  kind: 'state',
  appliesTo: (platform) => followsVtd(platform) && hasAts(platform),
  brokenBy: 'vtd-context-change-keeps-device-tlb',
  violated(world) {
    const kept = world.vtd?.stale.find(
      (entry) => entry.cache === 'devtlb' && !mayUseTlb(world, entry.device),
    );
    return kept === undefined ? null : `there may be ${vtdEntryName(world, kept)}`;
  },
  witness: (world) => vtdViewOf(world).devtlb.some((entries) => entries.length > 0),
};
