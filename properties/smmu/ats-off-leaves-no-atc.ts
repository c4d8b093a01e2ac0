import type { AtcEntry } from '../../model/smmu/machine/entry.ts';
import { allowsAts } from '../../model/smmu/machine/stream-entry.ts';
import { type Stream, streamsOf } from '../../model/smmu/machine/streams.ts';
import { entryOf } from '../../model/smmu/machine/view.ts';
import { viewOf } from '../../model/smmu/machine/view-of.ts';
import type { World } from '../../model/world/world.ts';
import { followsCaches, hasAts } from '../platforms.ts';
import type { StateProperty } from '../property.ts';
import { entryName } from './caches.ts';

/** Whether any STE that a stream may be under lets it use ATS. */
function mayUseAts(world: World, { index }: Stream): boolean {
  return (viewOf(world).stes[index] ?? []).some((ste) => allowsAts(entryOf(world.platform, ste)));
}

const isAtc = (entry: { readonly cache: string }): entry is AtcEntry => entry.cache === 'atc';

export const atsOffLeavesNoAtc: StateProperty = {
  id: 'ats-off-leaves-no-atc',
  sentence: 'A device whose stream may not use ATS has an empty ATC.',
  source: 'IHI0070 3.9.1; arm_smmu_attach_prepare(), arm_smmu_attach_commit()',
  kind: 'state',
  brokenBy: 'detach-keeps-atc',
  appliesTo: (platform) => followsCaches(platform) && hasAts(platform),
  violated(world) {
    if (world.machine?.work !== null) return null;
    const kept = world.machine?.stale.find(
      (entry) => isAtc(entry) && !mayUseAts(world, streamsOf(world.platform)[entry.stream] as Stream),
    );
    return kept === undefined ? null : `ATS is off, but there may be ${entryName(world, kept)}`;
  },
  witness: (world) => world.machine?.stale.some(isAtc) ?? false,
};
