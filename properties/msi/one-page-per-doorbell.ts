import type { Context, MsiMap } from '../../model/iommufd/context.ts';
import { placeOfMap } from '../../model/iommufd/sw-msi/place.ts';
import { placeIn } from '../../model/legacy/cookie.ts';
import type { World } from '../../model/world/world.ts';
import { domainsIn } from '../legacy/look.ts';
import { firstObject, hex } from '../look.ts';
import type { StateProperty } from '../property.ts';
import { hasCookies, hasSeveralItses } from './platforms.ts';

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

/** A container's domain in which a doorbell has two pages, or a page two doorbells. */
function sharedInContainer(world: World): string | null {
  const { pageSize } = world.platform.kernel;
  for (const { domain } of domainsIn(world)) {
    const { cookie } = domain;
    for (const [at, page] of (cookie?.pages ?? []).entries()) {
      if (cookie === null) break;
      const place = placeIn(cookie, page, pageSize);
      for (const other of cookie.pages.slice(at + 1)) {
        const otherPlace = placeIn(cookie, other, pageSize);
        if (other.doorbell === page.doorbell)
          return `a container's domain has the doorbell at ${hex(page.doorbell)} at ${hex(place)} and at ${hex(otherPlace)}`;
        if (otherPlace === place) return `a container's domain has two doorbells at ${hex(place)}`;
      }
    }
  }
  return null;
}

export const onePagePerDoorbell: StateProperty = {
  id: 'one-page-per-doorbell',
  sentence:
    'In a context, or in a domain of a container, each doorbell has one page of its own, and no two have one address.',
  source: 'iommu/dma: Restore locking around msi_page_list; iommufd_sw_msi_get_map()',
  kind: 'state',
  appliesTo: (platform) => hasSeveralItses(platform) || hasCookies(platform),
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
    return sharedInDomain(world) ?? sharedInContainer(world);
  },
  witness: (world) =>
    world.contexts.some((context) => (context?.msiMaps.length ?? 0) > 1) ||
    domainsIn(world).some(({ domain }) => (domain.cookie?.pages.length ?? 0) > 1),
};
