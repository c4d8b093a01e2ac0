import type { World } from '../../model/world/world.ts';
import { objectOf } from '../look.ts';
import { hasSmmu } from '../platforms.ts';
import { nameOf } from './look.ts';
import { type CallsProperty, watchCalls } from './property.ts';

/** A device whose DMA reaches all memory of the guest of a vIOMMU: it is on the nesting parent itself. */
export interface OnParent {
  /** Of the platform. */
  readonly device: number;
  readonly hwpt: number;
}

/** Devices on the parent of a vIOMMU, with memory behind it. */
export function* onParents(world: World): Generator<OnParent> {
  for (const context of world.contexts) {
    for (const { attach } of context?.groups ?? []) {
      if (context === null || attach === null) continue;
      const parent = objectOf(context, attach.hwpt, 'hwptPaging');
      const isParent = context.objects.some((slot) => slot?.type === 'viommu' && slot.hwpt === attach.hwpt);
      if (parent === null || !isParent) continue;
      const areas = objectOf(context, parent.ioas, 'ioas')?.iopt.areas.length ?? 0;
      if (areas === 0) continue;
      for (const id of attach.devices) {
        const device = objectOf(context, id, 'device');
        if (device !== null) yield { device: device.device, hwpt: attach.hwpt };
      }
    }
  }
}

/** Devices that are on a nested HWPT. */
export function nestedDevices(world: World): readonly number[] {
  const found: number[] = [];
  for (const context of world.contexts) {
    for (const { attach } of context?.groups ?? []) {
      if (context === null || attach === null || objectOf(context, attach.hwpt, 'hwptNested') === null)
        continue;
      for (const id of attach.devices) found.push(objectOf(context, id, 'device')?.device ?? -1);
    }
  }
  return found;
}

export const vmmParentIsAskedFor: CallsProperty = {
  kind: 'calls',
  id: 'vmm-parent-is-asked-for',
  sentence:
    "A device behind a vSMMU is not on the nesting parent, where it reaches all of the guest's memory, before an HWPT of its own was made for what its STE or GBPA asks.",
  source: 'IHI0070 3.2 (a stream without a valid STE aborts); iommufd.h: IOMMU_HWPT_ALLOC_NEST_PARENT',
  appliesTo: hasSmmu,
  brokenBy: 'parent-first',
  watch: () => {
    const asked = new Set<number>();
    return watchCalls(({ world, before }, witness) => {
      if (world === before) return null;
      for (const device of nestedDevices(world)) {
        asked.add(device);
        witness();
      }
      for (const { device, hwpt } of onParents(world))
        if (!asked.has(device))
          return `${nameOf(world, device)} is on HWPT ${hwpt}, the parent of a vIOMMU, and nothing was asked for it yet`;
      return null;
    });
  },
};
