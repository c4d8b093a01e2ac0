import type { Entry } from '../../model/smmu/machine/entry.ts';
import { streamsOf } from '../../model/smmu/machine/streams.ts';
import type { World } from '../../model/world/world.ts';
import { followsCaches } from '../platforms.ts';
import type { StepProperty } from '../property.ts';
import { entryName } from './caches.ts';

/** Something of a pSMMU's own caches that is no longer so. */
function staleIn(world: World, smmu: number): Entry | undefined {
  const streams = streamsOf(world.platform);
  return world.machine?.stale.find((entry) => {
    // An ATC is the device's.
    if (entry.cache === 'atc') return false;
    return (entry.cache === 'tlb' ? entry.smmu : streams[entry.stream]?.smmu) === smmu;
  });
}

export const resetEmptiesCaches: StepProperty = {
  id: 'reset-empties-caches',
  sentence: 'After the host has reset a pSMMU, its caches are empty.',
  source: 'IHI0070 6.3.9 (SMMUEN: caches are not invalidated by it); arm_smmu_device_reset()',
  kind: 'step',
  brokenBy: 'reset-keeps-caches',
  appliesTo: followsCaches,
  violated({ world, command, result }) {
    if (command.command !== 'hostReset' || !result.ok || world.machine?.work !== null) return null;
    const kept = staleIn(world, command.args.smmu);
    return kept === undefined ? null : `after the reset caches may still hold ${entryName(world, kept)}`;
  },
  witness: ({ before, world, command, result }) =>
    command.command === 'hostReset' &&
    result.ok &&
    world.machine?.work === null &&
    staleIn(before, command.args.smmu) !== undefined,
};
