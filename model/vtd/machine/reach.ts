import type { DeviceHardware } from '../../platform/platform.ts';
import type { World } from '../../world/world.ts';
import { contextObjection, entryObjection } from '../driver/legality.ts';
import { contextOf, translationOf } from '../driver/translation.ts';
import type { DeviceTlbEntry, IotlbEntry } from './entry.ts';
import { hardwareOf, usableThrough, type VtdView } from './view.ts';

/** A cached translation that DMA of a device may use. */
export type VtdUsable = IotlbEntry | DeviceTlbEntry;

/** PASIDs (0: none) of a device whose requests may meet a translation, through entries that are there or stale. */
export function pasidsInUse(view: VtdView, device: number): readonly number[] {
  const pasids = new Set([0]);
  for (const { pasid } of view.pasids[device] ?? []) pasids.add(pasid);
  for (const { pasid } of view.devtlb[device] ?? []) pasids.add(pasid);
  return [...pasids];
}

/** Every translation that requests of a device with a PASID (0: without) may use, whatever their address. */
export function vtdUsableBy(
  world: World,
  view: VtdView,
  device: number,
  pasid: number,
): readonly VtdUsable[] {
  const { iommu } = world.platform.devices[device] as DeviceHardware;
  const hardware = hardwareOf(world.platform, device);
  const usable = new Set<VtdUsable>();
  for (const { words } of view.contexts[device] ?? []) {
    if (contextObjection(hardware, words) !== null) continue;
    const context = contextOf(hardware, words);
    const translations =
      context.kind === 'legacy'
        ? pasid === 0
          ? [context.translation]
          : []
        : (view.pasids[device] ?? []).flatMap((entry) =>
            entry.pasid === pasid && entryObjection(hardware, entry.words) === null
              ? [translationOf(entry.words)]
              : [],
          );
    for (const translation of translations)
      for (const hit of usableThrough(view, iommu, pasid, translation)) usable.add(hit);
    if (!context.ats) continue;
    for (const hit of view.devtlb[device] ?? []) if (hit.pasid === pasid) usable.add(hit);
  }
  return [...usable];
}
