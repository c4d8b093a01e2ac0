import { placeOfMap } from '../../model/iommufd/sw-msi/place.ts';
import { domainOf } from '../../model/legacy/reach.ts';
import { regionsOf } from '../../model/legacy/regions.ts';
import type { World } from '../../model/world/world.ts';
import { firstGroupVector } from '../legacy/vectors.ts';
import { firstAttached, hex, objectOf, pagingOf } from '../look.ts';
import type { StateProperty } from '../property.ts';
import { hasCookies, hasTranslatedVectors } from './platforms.ts';

/** Calls back for every page that the kernel has for a doorbell under an attached device, with what the IOAS reserves. */
function firstPage(
  world: World,
  look: (start: bigint, last: bigint, isReserved: boolean, device: number) => string | null,
): string | null {
  const { pageSize } = world.platform.kernel;
  return firstAttached(world, (context, device, hwptId) => {
    const paging = pagingOf(context, hwptId);
    const { group } = world.platform.devices[device] as { group: number };
    const needed = context.groups.find((each) => each.group === group)?.requiredMsi ?? [];
    const reserved = objectOf(context, paging?.ioas ?? 0, 'ioas')?.iopt.reserved ?? [];
    for (const id of paging?.msiPages ?? []) {
      // A page of a device that has left stays until the domain goes; it is of no use to anybody.
      if (!needed.includes(id)) continue;
      const map = context.msiMaps[id];
      if (map === undefined) continue;
      const start = placeOfMap(map, pageSize);
      const last = start + pageSize - 1n;
      const isReserved = reserved.some((range) => range.start <= start && last <= range.last);
      const found = look(start, last, isReserved, device);
      if (found !== null) return found;
    }
    return null;
  });
}

/** The same for messages of a user's devices in a container. */
function firstInContainer(
  world: World,
  look: (start: bigint, last: bigint, isReserved: boolean, device: string) => string | null,
): string | null {
  const { pageSize } = world.platform.kernel;
  return firstGroupVector(world, ({ legacy, group, device, message }) => {
    if (message.place === null || domainOf(legacy.machine, group) === null) return null;
    const place = message.place - (message.place % pageSize);
    const last = place + pageSize - 1n;
    const regions = regionsOf(world.platform, group);
    return look(
      place,
      last,
      regions.some((each) => each.start <= place && last <= each.last),
      device,
    );
  });
}

function strayText(device: string, start: bigint, last: bigint): string {
  return `a doorbell is mapped for ${device} at ${hex(start)}..${hex(last)}, which is not reserved`;
}

export const whatIsReservedIsUsed: StateProperty = {
  id: 'what-is-reserved-is-used',
  sentence:
    'Every page that the kernel maps for a doorbell by itself lies in a range that sysfs and IOVA_RANGES report as reserved for the device.',
  source: 'seed 004, Nicolin Chen: "expose the MSI region via sysfs"; Linux 7.2.13 iommufd_sw_msi_get_map()',
  kind: 'state',
  appliesTo: (platform) => hasTranslatedVectors(platform) || hasCookies(platform),
  brokenBy: 'msi-window-unenforced',
  violated: (world) =>
    firstPage(world, (start, last, isReserved, device) => {
      if (isReserved) return null;
      const { id } = world.platform.devices[device] as { id: string };
      return strayText(id, start, last);
    }) ??
    firstInContainer(world, (start, last, isReserved, device) =>
      isReserved ? null : strayText(device, start, last),
    ),
  witness: (world) =>
    (firstPage(world, (_start, _last, isReserved) => (isReserved ? 'one' : null)) ??
      firstInContainer(world, (_start, _last, isReserved) => (isReserved ? 'one' : null))) !== null,
};
