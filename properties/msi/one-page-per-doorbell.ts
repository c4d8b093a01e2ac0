import type { Context, MsiMap } from '../../model/iommufd/context.ts';
import { placeOfMap } from '../../model/msi/place.ts';
import type { World } from '../../model/world/world.ts';
import { firstObject, hex } from '../look.ts';
import type { StateProperty } from '../property.ts';
import { hasSeveralItses } from './platforms.ts';

/** A doorbell that has two pages in a list, or a page that has two doorbells. */
function sharedInList({ msiMaps }: Context): readonly [MsiMap, MsiMap] | null {
  for (const [at, one] of msiMaps.entries()) {
    const other = msiMaps
      .slice(at + 1)
      .find(
        (each) =>
          each.swMsiStart === one.swMsiStart && (each.doorbell === one.doorbell || each.pgoff === one.pgoff),
      );
    if (other !== undefined) return [one, other];
  }
  return null;
}

/** Two doorbells in one domain at the same address. */
function sharedInDomain(world: World): string | null {
  const { pageSize } = world.platform.kernel;
  return firstObject(world, (object, id, { msiMaps }) => {
    if (object.type !== 'hwptPaging') return null;
    const places = object.msiPages.flatMap((at) => {
      const map = msiMaps[at];
      return map === undefined ? [] : [placeOfMap(map, pageSize)];
    });
    const twice = places.find((place, at) => places.indexOf(place) !== at);
    return twice === undefined ? null : `HWPT ${id} has two doorbells at ${hex(twice)}`;
  });
}

export const onePagePerDoorbell: StateProperty = {
  id: 'one-page-per-doorbell',
  sentence:
    'A doorbell has one page in a context, and no two doorbells have the same or are at one address of a domain.',
  source: 'iommu/dma: Restore locking around msi_page_list; iommufd_sw_msi_get_map()',
  kind: 'state',
  appliesTo: hasSeveralItses,
  brokenBy: 'doorbell-list-unlocked',
  violated(world) {
    for (const context of world.contexts) {
      const shared = context === null ? null : sharedInList(context);
      if (shared === null) continue;
      const [one, other] = shared;
      return one.doorbell === other.doorbell
        ? `the doorbell at ${hex(one.doorbell)} has pages ${one.pgoff} and ${other.pgoff}`
        : `the doorbells at ${hex(one.doorbell)} and ${hex(other.doorbell)} both have page ${one.pgoff}`;
    }
    return sharedInDomain(world);
  },
  witness: (world) => world.contexts.some((context) => (context?.msiMaps.length ?? 0) > 1),
};
