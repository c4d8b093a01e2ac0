import { maskOf } from '../../../spec/bits.ts';
import { pasidEntry } from '../../../spec/vtd/entries.ts';
import { pagingOf } from '../../smmu/driver/domains.ts';
import type { World } from '../../world/world.ts';
import { flushEntry } from './attach.ts';
import { type Drive, deviceTables, putDeviceTables, write } from './drive.ts';
import { featuresAt } from './probe.ts';
import { targetsOf } from './targets.ts';

const SSADE = maskOf(pasidEntry, ['SSADE'])[0] as bigint;

/**
 * intel_iommu_set_dirty_tracking(): the entries that lead to the tables of a domain say whether hardware writes dirty flags
 * there, those of what is nested on it as well. One bit of a present entry changes, and what is cached of it goes.
 */
export function followTracking(drive: Drive, before: World): void {
  const { platform } = drive.world;
  for (const device of platform.devices.keys()) {
    if (!featuresAt(platform, device).dirtyTracking) continue;
    for (const { pasid, ref, paging, nested } of targetsOf(drive.world, device)) {
      const was = pagingOf(before, ref)?.dirty?.tracking;
      const words = deviceTables(drive, device).entries[pasid];
      if (words === undefined || was === undefined || was === paging.dirty?.tracking) continue;
      if (nested !== null && !drive.rules.trackingReachesNested) continue;
      const first = was ? (words[0] ?? 0n) & ~SSADE : (words[0] ?? 0n) | SSADE;
      const next = words.with(0, first);
      const tables = deviceTables(drive, device);
      write(drive, device, { table: 'pasid', pasid }, [next]);
      putDeviceTables(drive, device, { ...tables, entries: { ...tables.entries, [pasid]: next } });
      flushEntry(drive, device, pasid, next);
    }
  }
}
