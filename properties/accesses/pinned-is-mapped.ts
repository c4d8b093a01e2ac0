import { pinsOf } from '../../model/iommufd/access.ts';
import { firstObject, hex, objectOf } from '../look.ts';
import { hasMediated } from '../platforms.ts';
import type { StateProperty } from '../property.ts';

export const pinnedIsMapped: StateProperty = {
  id: 'pinned-is-mapped',
  sentence:
    "Pages that a mediated device's driver has pinned are mapped in the IOAS of its access. An unmap asks the driver to unpin them first.",
  source: 'rules R-11, R-17; drivers/iommu/iommufd/device.c: iommufd_access_notify_unmap()',
  kind: 'state',
  brokenBy: 'unmap-asks-nobody',
  appliesTo: hasMediated,
  violated: (world) =>
    firstObject(world, (object, _id, context) => {
      if (object.type !== 'access') return null;
      const ioas = objectOf(context, pinsOf(object) ?? 0, 'ioas');
      const ends = object.pins.flatMap(({ start, last }) => [start, last]);
      const lost = ends.find(
        (iova) => !ioas?.iopt.areas.some(({ start, last }) => start <= iova && iova <= last),
      );
      return lost === undefined ? null : `a driver has pinned ${hex(lost)}, where nothing is mapped`;
    }),
  witness: (world) =>
    firstObject(world, (object) => (object.type === 'access' && object.pins.length > 0 ? true : null)) !==
    null,
};
