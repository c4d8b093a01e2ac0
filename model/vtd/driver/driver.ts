import type { Effect } from '../../world/result.ts';
import type { World } from '../../world/world.ts';
import { moveDevice, setUpFound, tagOf, tearDown } from './attach.ts';
import { followTracking } from './dirty.ts';
import { releaseUnused } from './domain-ids.ts';
import { type Drive, deviceTables, flush, putDeviceTables, type VtdAction, write } from './drive.ts';
import { RID_PASID } from './entries.ts';
import { flushContext, flushDeviceTlb } from './flush.ts';
import { probedDevice, unitOf } from './probe.ts';
import type { VtdRules } from './rules.ts';
import type { VtdTables } from './tables.ts';
import { isPresent } from './translation.ts';
import { flushNested, flushUnmapped } from './unmap.ts';

/** What the driver did, and its tables then. */
export interface VtdDriven {
  readonly tables: VtdTables;
  readonly actions: readonly VtdAction[];
}

/**
 * What Linux's driver does to VT-d units while a command takes the world from `before` to `after`: guests' invalidations,
 * devices that were scanned again, entries of devices that moved, and the invalidation of what was unmapped.
 */
export function driveVtd(
  tables: VtdTables,
  before: World,
  after: World,
  effects: readonly Effect[],
  rules: VtdRules,
): VtdDriven {
  const drive: Drive = { world: after, tables, actions: [], rules };
  for (const effect of effects) {
    if (effect.kind === 'rangesFlushed') flushNested(drive, effect, effect.ranges);
    else if (effect.kind === 'rescanned') rescanDevice(drive, effect.device);
  }
  if (before.groups !== after.groups || before.devices !== after.devices) {
    for (const [device, { iommu }] of after.platform.devices.entries()) {
      if (after.platform.iommus[iommu]?.kind !== 'vtd') continue;
      moveDevice(drive, device, before);
    }
  }
  if (before.contexts !== after.contexts) {
    followTracking(drive, before);
    flushUnmapped(drive, before);
  }
  return { tables: drive.tables, actions: drive.actions };
}

/**
 * intel_iommu_release_device() and a probe. The device is blocked first (intel_iommu_ops.release_domain), so that its PASID
 * table is empty when the context entry goes and nothing of it is cached; the table is freed once nothing leads to it.
 */
function rescanDevice(drive: Drive, device: number): void {
  const { platform } = drive.world;
  const { context, entries } = deviceTables(drive, device);
  const iommu = unitOf(platform, device);
  if (drive.rules.contextChangeFlushesPasids)
    for (const pasid of Object.keys(entries)) tearDown(drive, device, Number(pasid));
  if (isPresent(context)) {
    const tag = tagOf(drive, device, RID_PASID, 0);
    write(drive, device, { table: 'context' }, drive.rules.contextClear(context));
    flush(drive, iommu, [flushContext(tag.sid)]);
    flush(drive, iommu, flushDeviceTlb(tag, null, drive.rules.unmapMask, drive.rules));
  }
  const probed = probedDevice(platform, device, deviceTables(drive, device).table + 1);
  if (isPresent(probed.context)) write(drive, device, { table: 'context' }, [probed.context]);
  putDeviceTables(drive, device, probed);
  releaseUnused(drive);
  setUpFound(drive, device);
}
