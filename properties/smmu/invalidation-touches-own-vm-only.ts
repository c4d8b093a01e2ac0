import { takesSome } from '../../model/caches/pages.ts';
import type { Entry } from '../../model/smmu/machine/entry.ts';
import { ENTRY_PIECES } from '../../model/smmu/machine/entry-pieces.ts';
import { ownerOf } from '../../model/smmu/machine/mappings.ts';
import { streamsOf } from '../../model/smmu/machine/streams.ts';
import { viewOf } from '../../model/smmu/machine/view-of.ts';
import { vmmOf } from '../../model/world/process.ts';
import type { Effect } from '../../model/world/result.ts';
import type { World } from '../../model/world/world.ts';
import { firstObject } from '../look.ts';
import { followsCaches } from '../platforms.ts';
import type { StepProperty, Transition } from '../property.ts';
import { entryName } from './caches.ts';
import { ownCoverage } from './own-coverage.ts';

/** The VMM whose guest something cached belongs to, by StreamID or VMID; null where it is the host's. */
function ownerOfEntry(world: World, entry: Entry): string | null {
  const ctx =
    entry.cache === 'tlb'
      ? firstObject(world, (object, _id, _context, at) => {
          const isIt =
            (object.type === 'viommu' && object.iommu === entry.smmu && object.vmid === entry.vmid) ||
            (object.type === 'hwptPaging' &&
              object.domain.iommu === entry.smmu &&
              object.domain.vmid === entry.vmid);
          return isIt ? at : null;
        })
      : ownerOfStream(world, entry.stream);
  const vm = ctx === null ? undefined : world.platform.vms[ownerOf(world, ctx)];
  return vm === undefined ? null : vmmOf(vm);
}

function ownerOfStream(world: World, stream: number): number | null {
  const device = world.platform.devices[streamsOf(world.platform)[stream]?.device ?? -1];
  return world.groups[device?.group ?? -1]?.owner ?? null;
}

/** What caches may hold before a guest's commands reach a pSMMU, and what belongs to somebody else. */
function foreign({ before, command, effects }: Transition): readonly Entry[] {
  if (command.command !== 'hwptInvalidate' || before.machine === null || !effects.some(isGuests)) return [];
  return [...viewOf(before).entries.values()].filter(
    (entry) => ownerOfEntry(before, entry) !== command.actor,
  );
}

function isGuests(effect: Effect): effect is Extract<Effect, { kind: 'smmuCommands' }> {
  return effect.kind === 'smmuCommands' && effect.by === 'guest';
}

/** Whether one of the commands that reached a pSMMU for a guest covers something. */
function coveredBy({ before, effects }: Transition): (entry: Entry) => boolean {
  const scopes = effects.flatMap((effect) =>
    isGuests(effect) ? effect.commands.map((words) => ownCoverage(before.platform, effect.iommu, words)) : [],
  );
  return (entry) => scopes.some((covers) => takesSome(ENTRY_PIECES, covers, entry));
}

export const invalidationTouchesOwnVmOnly: StepProperty = {
  id: 'invalidation-touches-own-vm-only',
  sentence: "A guest's invalidation removes no cache entry that DMA of another VM may use.",
  source: 'IHI0070 3.17; arm_vsmmu_convert_user_cmd()',
  kind: 'step',
  brokenBy: 'nsnh-all-unconfined',
  appliesTo: followsCaches,
  violated(transition) {
    const taken = foreign(transition).find(coveredBy(transition));
    return taken === undefined
      ? null
      : `${transition.command.actor} took away ${entryName(transition.before, taken)}`;
  },
  witness: (transition) => foreign(transition).length > 0,
};
