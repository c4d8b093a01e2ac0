import type { Context } from '../model/iommufd/context.ts';
import { driverOfDevice } from '../model/iommufd/drivers/registry.ts';
import type { World } from '../model/world/world.ts';
import { hex, objectOf, pagingOf } from './look.ts';
import type { StateProperty, Violation } from './property.ts';

/** Calls back for every attached device of every context, until the callback gives a violation. */
export function firstAttached(
  world: World,
  look: (context: Context, device: number, hwptId: number) => Violation,
): Violation {
  for (const context of world.contexts) {
    for (const { attach } of context?.groups ?? []) {
      if (context === null || attach === null) continue;
      for (const devId of attach.devices) {
        const object = objectOf(context, devId, 'device');
        const violation = object === null ? null : look(context, object.device, attach.hwpt);
        if (violation !== null) return violation;
      }
    }
  }
  return null;
}

export const reservedWhileAttached: StateProperty = {
  id: 'reserved-while-attached',
  sentence: "An attached device's reserved ranges, the MSI window among them, stay out of its IOAS's use.",
  source: 'include/uapi/linux/iommufd.h: IOMMU_IOAS_IOVA_RANGES',
  kind: 'state',
  brokenBy: 'failed-replace-unreserves',
  violated: (world) =>
    firstAttached(world, (context, device, hwptId) => {
      const paging = pagingOf(context, hwptId);
      const ioas = paging === null ? null : objectOf(context, paging.ioas, 'ioas');
      if (ioas === null) return null;
      for (const region of driverOfDevice(world.platform, device).reservedRegions(world.platform, device)) {
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
