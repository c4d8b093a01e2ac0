import type { Context } from '../../model/iommufd/context.ts';
import type { Area } from '../../model/iommufd/iopt/table.ts';
import { pageOf } from '../../model/smmu/machine/mappings.ts';
import { targetsOf } from '../../model/vtd/driver/targets.ts';
import { pasidsInUse, vtdUsableBy } from '../../model/vtd/machine/reach.ts';
import { vtdViewOf } from '../../model/vtd/machine/view-of.ts';
import type { World } from '../../model/world/world.ts';
import { contextOfFd, objectOf } from '../look.ts';
import { followsVtd } from '../platforms.ts';
import type { StepProperty, Transition } from '../property.ts';
import { vtdEntryName } from './caches.ts';

/** The areas that an IOAS_UNMAP took away from an IOAS; null for other steps. */
function unmapped({
  before,
  world,
  command,
}: Transition): { context: Context; gone: readonly Area[] } | null {
  if (command.command !== 'ioasUnmap') return null;
  const { fd, ioasId } = command.args;
  const areasIn = (at: World): readonly Area[] => {
    const context = contextOfFd(at, command.actor, fd);
    return (context === null ? null : objectOf(context, ioasId, 'ioas'))?.iopt.areas ?? [];
  };
  const context = contextOfFd(world, command.actor, fd);
  const left = areasIn(world);
  const gone = areasIn(before).filter((area) => !left.includes(area));
  return context === null || gone.length === 0 ? null : { context, gone };
}

/** Devices with a guest's table over the IOAS, and what their requests may still use of what is gone. */
function survivor(transition: Transition): string | null {
  const { world, command } = transition;
  const unmap = unmapped(transition);
  if (unmap === null || command.command !== 'ioasUnmap') return null;
  const stale = new Set(world.vtd?.stale.map(({ key }) => key));
  const view = vtdViewOf(world);
  for (const device of world.platform.devices.keys()) {
    const over = targetsOf(world, device).filter(
      ({ nested, paging, ref }) =>
        nested !== null && paging.ioas === command.args.ioasId && world.contexts[ref.ctx] === unmap.context,
    );
    for (const pasid of pasidsInUse(view, device)) {
      if (!over.some((target) => target.pasid === pasid)) continue;
      const hit = vtdUsableBy(world, view, device, pasid).find(({ key }) => stale.has(key));
      if (hit !== undefined) return vtdEntryName(world, hit);
    }
  }
  return null;
}

function isNested(world: World): boolean {
  return world.platform.devices.some((_, device) =>
    targetsOf(world, device).some(({ nested }) => nested !== null),
  );
}

export const unmapReachesNested: StepProperty = {
  id: 'unmap-reaches-nested',
  sentence:
    'After IOAS_UNMAP of a nesting parent has returned, no IOTLB and no device TLB of a nested device holds a translation through what was unmapped.',
  source:
    'iommu/vt-d: Add missing iotlb flush for parent domain; Add missing device iotlb flush for parent domain',
  kind: 'step',
  appliesTo: followsVtd,
  brokenBy: 'vtd-unmap-misses-nested-ids',
  violated(transition) {
    const left = survivor(transition);
    return left === null ? null : `caches may still hold ${left}`;
  },
  witness: (transition) =>
    (unmapped(transition)?.gone.some(({ start }) => pageOf(start) > 0) ?? false) &&
    isNested(transition.world),
};
