import type { Context } from '../../model/iommufd/context.ts';
import { driverOfDevice } from '../../model/iommufd/drivers/registry.ts';
import { firstOverlap } from '../../model/iommufd/interval.ts';
import { placeOfMap } from '../../model/iommufd/sw-msi/place.ts';
import { placeIn } from '../../model/legacy/cookie.ts';
import { firstMapping } from '../../model/legacy/machine.ts';
import { regionsOf } from '../../model/legacy/regions.ts';
import type { World } from '../../model/world/world.ts';
import { domainsIn } from '../legacy/look.ts';
import { firstAttached, hex, objectOf, pagingOf } from '../look.ts';
import { hasSmmu } from '../platforms.ts';
import type { StateProperty } from '../property.ts';
import { hasCookies } from './platforms.ts';

interface Kept {
  readonly start: bigint;
  readonly last: bigint;
}

/** Where the kernel maps doorbells for a device under an HWPT, or may. */
function keptFor(world: World, context: Context, device: number, hwptId: number): readonly Kept[] {
  const { platform } = world;
  const { group } = platform.devices[device] as { group: number };
  const window = context.groups.find((each) => each.group === group)?.swMsiStart ?? null;
  const { pageSize } = platform.kernel;
  const pages = (pagingOf(context, hwptId)?.msiPages ?? []).flatMap((id) => {
    const map = context.msiMaps[id];
    if (map === undefined) return [];
    const start = placeOfMap(map, pageSize);
    return [{ start, last: start + pageSize - 1n }];
  });
  const regions = driverOfDevice(platform, device).reservedRegions(platform, device);
  return [...pages, ...regions.filter(({ swMsi, start }) => swMsi && start === window)];
}

/** The same of containers' domains. */
function inContainer(world: World): string | null {
  const { pageSize } = world.platform.kernel;
  for (const { domain } of domainsIn(world)) {
    const { cookie, groups, mapped } = domain;
    const pages = (cookie?.pages ?? []).flatMap((page) => {
      const start = cookie === null ? 0n : placeIn(cookie, page, pageSize);
      return [{ start, last: start + pageSize - 1n }];
    });
    const kept = [...pages, ...groups.flatMap((group) => regionsOf(world.platform, group))];
    for (const { start, last } of kept) {
      const found = firstMapping(mapped, start, last - start + 1n);
      if (found !== undefined)
        return `group ${groups.join(', ')} has doorbells at ${hex(start)}..${hex(last)}, where ${hex(found.iova)} is mapped`;
    }
  }
  return null;
}

export const noRamBehindDoorbell: StateProperty = {
  id: 'no-ram-behind-doorbell',
  sentence:
    'Guest RAM does not overlap the range in which the kernel maps doorbells. Such a memory layout is refused.',
  source:
    'seed 004, Robin Murphy: "having to put multiple different mappings … into the MSI hole"; include/uapi/linux/iommufd.h: IOMMU_IOAS_IOVA_RANGES',
  kind: 'state',
  appliesTo: (platform) => hasSmmu(platform) || hasCookies(platform),
  brokenBy: 'msi-window-not-reserved',
  violated: (world) =>
    firstAttached(world, (context, device, hwptId) => {
      const ioas = objectOf(context, pagingOf(context, hwptId)?.ioas ?? 0, 'ioas');
      for (const { start, last } of keptFor(world, context, device, hwptId)) {
        const area = firstOverlap(ioas?.iopt.areas ?? [], start, last);
        if (area === undefined) continue;
        const { id } = world.platform.devices[device] as { id: string };
        return `${id} has doorbells at ${hex(start)}..${hex(last)}, where ${hex(area.start)}..${hex(area.last)} is mapped`;
      }
      return null;
    }) ?? inContainer(world),
  witness: (world) =>
    firstAttached(world, (context, device, hwptId) => {
      const ioas = objectOf(context, pagingOf(context, hwptId)?.ioas ?? 0, 'ioas');
      const kept = keptFor(world, context, device, hwptId);
      return kept.length > 0 && (ioas?.iopt.areas.length ?? 0) > 0 ? 'both' : null;
    }) !== null ||
    domainsIn(world).some(({ domain: { cookie, mapped } }) => cookie !== null && mapped.length > 0),
};
