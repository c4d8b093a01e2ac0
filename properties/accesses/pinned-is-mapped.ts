import { pinsOf } from '../../model/iommufd/access.ts';
import type { World } from '../../model/world/world.ts';
import { firstObject, hex, objectOf } from '../look.ts';
import { hasMediated } from '../platforms.ts';
import type { StepProperty, Transition } from '../property.ts';

/** What a driver has pinned where nothing is mapped. */
function unmapped(world: World): string | null {
  return firstObject(world, (object, _id, context) => {
    if (object.type !== 'access') return null;
    const ioas = objectOf(context, pinsOf(object) ?? 0, 'ioas');
    const ends = object.pins.flatMap(({ start, last }) => [start, last]);
    const lost = ends.find(
      (iova) => !ioas?.iopt.areas.some(({ start, last }) => start <= iova && iova <= last),
    );
    return lost === undefined ? null : `a driver has pinned ${hex(lost)}, where nothing is mapped`;
  });
}

/** What a driver was made to unpin by an unmap that took nothing of it. */
function unpinned({ before, world, command }: Transition): string | null {
  if (command.command !== 'ioasUnmap' && command.command !== 'vfioUnmapDma') return null;
  return firstObject(before, (object, id, context, ctx) => {
    if (object.type !== 'access') return null;
    const now = world.contexts[ctx];
    const left = now === null || now === undefined ? null : objectOf(now, id, 'access');
    if (now === null || now === undefined || left === null) return null;
    const ioas = pinsOf(object) ?? 0;
    const areas = objectOf(now, ioas, 'ioas')?.iopt.areas ?? [];
    const gone = (objectOf(context, ioas, 'ioas')?.iopt.areas ?? []).filter(
      (area) => !areas.some(({ start, last }) => start === area.start && last === area.last),
    );
    const lost = object.pins.find(
      (pin) =>
        !left.pins.some(({ start, last }) => start === pin.start && last === pin.last) &&
        !gone.some(({ start, last }) => pin.start <= last && start <= pin.last),
    );
    return lost === undefined
      ? null
      : `a driver unpinned ${hex(lost.start)}, of which the unmap took nothing`;
  });
}

export const pinnedIsMapped: StepProperty = {
  id: 'pinned-is-mapped',
  sentence:
    "Pages that a mediated device's driver has pinned are mapped in the IOAS of its access. An unmap asks the driver to unpin them first, and no others.",
  source: 'rules R-11, R-17; drivers/iommu/iommufd/device.c: iommufd_access_notify_unmap()',
  kind: 'step',
  brokenBy: 'unmap-asks-nobody',
  appliesTo: hasMediated,
  violated: (transition) => unmapped(transition.world) ?? unpinned(transition),
  witness: ({ world }) =>
    firstObject(world, (object) => (object.type === 'access' && object.pins.length > 0 ? true : null)) !==
    null,
};
