import type { Context } from '../../model/iommufd/context.ts';
import type { Area } from '../../model/iommufd/iopt/table.ts';
import type { Entry, TlbEntry } from '../../model/smmu/machine/entry.ts';
import { pageOf } from '../../model/smmu/machine/mappings.ts';
import { streamsOf } from '../../model/smmu/machine/streams.ts';
import { sameState } from '../../model/world/equal.ts';
import type { World } from '../../model/world/world.ts';
import { contextOfFd, objectOf } from '../look.ts';
import { followsCaches } from '../platforms.ts';
import type { StepProperty, Transition } from '../property.ts';
import { entryName } from './caches.ts';

/** The VMIDs under which translations through an IOAS are cached: of its stage-2 domains, and of vSMMUs over them. */
function vmidsOver(context: Context, ioas: number): ReadonlySet<number> {
  const isOver = (hwpt: number): boolean => objectOf(context, hwpt, 'hwptPaging')?.ioas === ioas;
  const vmids = context.objects.flatMap((slot, id) => {
    if (slot?.type === 'hwptPaging' && isOver(id) && slot.domain.vmid !== null) return [slot.domain.vmid];
    return slot?.type === 'viommu' && isOver(slot.hwpt) ? [slot.vmid] : [];
  });
  return new Set(vmids);
}

/** The areas that an IOAS_UNMAP took away, and from which IOAS; null for other steps. */
function unmapped({ before, world, command }: Transition): { ioas: number; gone: readonly Area[] } | null {
  if (command.command !== 'ioasUnmap') return null;
  const { fd, ioasId } = command.args;
  const areasIn = (at: typeof before): readonly Area[] => {
    const context = contextOfFd(at, command.actor, fd);
    return (context === null ? null : objectOf(context, ioasId, 'ioas'))?.iopt.areas ?? [];
  };
  const left = areasIn(world);
  const gone = areasIn(before).filter((area) => !left.includes(area));
  return gone.length === 0 ? null : { ioas: ioasId, gone };
}

function leadsThrough({ ipa, first, last }: TlbEntry, { start, last: end }: Area): boolean {
  return ipa <= pageOf(end) && ipa + (last - first) >= pageOf(start);
}

/** A stale stage-2 or nested translation through what an unmap took away. */
function afterUnmap(transition: Transition, stale: readonly Entry[]): Entry | undefined {
  const { world, command } = transition;
  const unmap = unmapped(transition);
  if (unmap === null || command.command !== 'ioasUnmap') return undefined;
  const context = contextOfFd(world, command.actor, command.args.fd);
  const vmids = context === null ? new Set<number>() : vmidsOver(context, unmap.ioas);
  return stale.find(
    (entry) =>
      entry.cache === 'tlb' &&
      entry.holds !== 'stage1' &&
      vmids.has(entry.vmid) &&
      unmap.gone.some((area) => leadsThrough(entry, area)),
  );
}

/** An old STE, or a CD found through one, of a stream whose entry an attach or detach has just changed. */
function afterMove({ before, world, command }: Transition, stale: readonly Entry[]): Entry | undefined {
  if (command.command !== 'vfioAttach' && command.command !== 'vfioDetach') return undefined;
  const moved = streamsOf(world.platform).filter(({ smmu, streamId }) => {
    const steIn = (at: World) => at.machine?.driver.streamTables[smmu]?.[streamId] ?? [];
    return !sameState(steIn(before), steIn(world));
  });
  return stale.find(
    (entry) =>
      (entry.cache === 'ste' || entry.cache === 'cd') && moved.some(({ index }) => index === entry.stream),
  );
}

export const unmappedIsUnreachable: StepProperty = {
  id: 'unmapped-is-unreachable',
  sentence:
    'After IOAS_UNMAP, an attach or a detach has returned, no cache holds a translation through what was unmapped, or an entry that was replaced.',
  source:
    'Documentation/userspace-api/iommufd.rst; arm_smmu_domain_inv_range(), arm_smmu_install_ste_for_dev()',
  kind: 'step',
  brokenBy: 'ste-range-unaligned',
  appliesTo: followsCaches,
  violated(transition) {
    // Interrupted, it has not returned.
    if (transition.world.machine?.work !== null) return null;
    const { stale } = transition.world.machine;
    const left = afterUnmap(transition, stale) ?? afterMove(transition, stale);
    return left === undefined ? null : `caches may still hold ${entryName(transition.world, left)}`;
  },
  witness: (transition) =>
    unmapped(transition) !== null &&
    transition.before.machine?.stale.some(({ cache }) => cache === 'tlb') === true,
};
