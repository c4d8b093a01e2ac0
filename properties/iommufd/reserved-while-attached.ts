import { driverOfDevice } from '../../model/iommufd/drivers/registry.ts';
import { firstAttached, hex, objectOf, pagingOf } from '../look.ts';
import type { StateProperty } from '../property.ts';

export const reservedWhileAttached: StateProperty = {
  id: 'reserved-while-attached',
  sentence: 'The reserved ranges of an attached device, with the MSI window, are not mapped in its IOAS.',
  source: 'include/uapi/linux/iommufd.h: IOMMU_IOAS_IOVA_RANGES',
  kind: 'state',
  brokenBy: 'failed-replace-unreserves',
  violated: (world) =>
    firstAttached(world, (context, device, hwptId) => {
      const paging = pagingOf(context, hwptId);
      const ioas = paging === null ? null : objectOf(context, paging.ioas, 'ioas');
      if (ioas === null) return null;
      const { group } = world.platform.devices[device] as { group: number };
      const window = context.groups.find((each) => each.group === group)?.swMsiStart ?? null;
      for (const region of driverOfDevice(world.platform, device).reservedRegions(world.platform, device)) {
        // Where the kernel keeps no window, none is reserved.
        if (region.swMsi && window === null) continue;
        const kept = ioas.iopt.reserved.some(
          (r) => r.owner === `device:${device}` && r.start === region.start && r.last === region.last,
        );
        if (kept) continue;
        const { id } = world.platform.devices[device] as { id: string };
        return `${id} is attached, but ${hex(region.start)}..${hex(region.last)} is not reserved for it`;
      }
      return null;
    }),
  witness: (world) =>
    world.contexts.some((context) => context?.groups.some((g) => g.attach !== null) ?? false),
};
