import { VIOMMU_TYPE } from '../../spec/iommufd/constants.ts';
import type { CommandArgs } from '../world/command.ts';
import { done, type Result, refused } from '../world/result.ts';
import { iommuAt, putIommu, type Tx } from '../world/tx.ts';
import { withVdevice } from './copy.ts';
import type { UserData } from './drivers/driver.ts';
import { driverFor } from './drivers/registry.ts';
import { mockPageOf } from './mock-page.ts';
import { addUsers, allocObject, contextObjects, getOf, mustGet, putObject } from './object-table.ts';
import type { Objects } from './operations.ts';
import { hasDoorbellsOf } from './sw-msi/domain-check.ts';

/** IOMMU_VIOMMU_ALLOC (rule R-25): a slice of the device's pSMMU over a nesting parent. */
export function viommuAlloc(tx: Tx, ctx: number, args: CommandArgs['viommuAlloc']): Result {
  if (args.flags !== 0 || args.type === VIOMMU_TYPE.DEFAULT) return refused('EOPNOTSUPP');
  if (args.reserved !== 0 && tx.rules.iommufd.viommuAllocChecksReserved) return refused('EOPNOTSUPP');
  const device = getOf(tx, ctx, args.devId, 'device');
  if (device === null) return refused('ENOENT');
  const { platform } = tx.world;
  const { iommu } = platform.devices[device.device] as (typeof platform.devices)[number];
  const driver = driverFor(platform, iommu);
  if (!driver.supportsViommu(platform, device.device, args.type)) return refused('EOPNOTSUPP');
  const parent = getOf(tx, ctx, args.hwptId, 'hwptPaging');
  if (parent === null) return refused('ENOENT');
  if (!parent.nestParent || !hasDoorbellsOf(platform, parent, device.device)) return refused('EINVAL');
  const data = args.dataLen === 0 ? null : userData(args);
  const made = driver.initViommu(iommuAt(tx, iommu), platform, device.device, parent.domain, tx.rules, data);
  if (typeof made === 'string') return refused(made);
  putIommu(tx, iommu, made.iommu);
  addUsers(tx, ctx, args.hwptId, 1);
  const id = allocObject(tx, ctx, {
    type: 'viommu',
    users: 1,
    viommuType: args.type,
    hwpt: args.hwptId,
    iommu,
    vmid: made.made,
  });
  const page = data === null ? null : mockPageOf(tx, ctx, id, data);
  return done(page === null ? { outViommuId: id } : { outViommuId: id, data: page });
}

function userData(args: CommandArgs['viommuAlloc']): UserData {
  return {
    type: args.type,
    length: args.dataLen,
    words: args.dataUptr === 'buffer' ? args.data : null,
  };
}

/** IOMMU_VDEVICE_ALLOC (rule R-26): a device's place on a vIOMMU, under a virtual StreamID. */
export function vdeviceAlloc(tx: Tx, ctx: number, args: CommandArgs['vdeviceAlloc']): Result {
  const viommu = getOf(tx, ctx, args.viommuId, 'viommu');
  if (viommu === null) return refused('ENOENT');
  const device = getOf(tx, ctx, args.devId, 'device');
  if (device === null) return refused('ENOENT');
  const { platform } = tx.world;
  const { iommu } = platform.devices[device.device] as (typeof platform.devices)[number];
  if (viommu.iommu !== iommu && tx.rules.iommufd.vdeviceChecksIommu) return refused('EINVAL');
  if (device.vdevice !== null) return refused('EEXIST');
  if (tx.rules.iommufd.virtIdIsUnique && findVdevice(tx, ctx, args.viommuId, args.virtId) !== null) {
    return refused('EEXIST');
  }
  const errno = driverFor(platform, iommu).initVdevice(platform, device.device, args.virtId, tx.rules);
  if (errno !== null) return refused(errno);
  const id = allocObject(tx, ctx, {
    type: 'vdevice',
    users: 1,
    viommu: args.viommuId,
    devId: args.devId,
    virtId: args.virtId,
  });
  addUsers(tx, ctx, args.viommuId, 1);
  putObject(tx, ctx, args.devId, withVdevice(device, id, 1));
  return done({ outVdeviceId: id });
}

/** The DEVICE id behind a virtual StreamID of a vIOMMU; null if there is none. */
export function findVdevice(tx: Tx, ctx: number, viommu: number, virtId: bigint): number | null {
  for (const slot of contextObjects(tx, ctx)) {
    if (slot?.type === 'vdevice' && slot.viommu === viommu && slot.virtId === virtId) return slot.devId;
  }
  return tx.rules.iommufd.vdeviceFoundBeforeInit ? findUnready(tx, ctx, viommu, virtId) : null;
}

/** The DEVICE id of a vDEVICE that is being made. */
function findUnready(tx: Tx, ctx: number, viommu: number, virtId: bigint): number | null {
  for (const process of Object.values(tx.world.processes)) {
    for (const { ctx: of, what } of process.calls) {
      if (what.call !== 'vdeviceAlloc' || of !== ctx) continue;
      if (what.viommuId === viommu && what.virtId === virtId) return what.devId;
    }
  }
  return null;
}

/** The virtual StreamID of a platform's device on a vIOMMU; null if it has no vDEVICE there. */
export function virtIdOf(tx: Tx, ctx: number, viommu: number, device: number): bigint | null {
  for (const slot of contextObjects(tx, ctx)) {
    if (slot?.type !== 'vdevice' || slot.viommu !== viommu) continue;
    if (getOf(tx, ctx, slot.devId, 'device')?.device === device) return slot.virtId;
  }
  return null;
}

export const VIOMMU_OBJECTS: Objects<'viommu' | 'vdevice'> = {
  viommu: {
    destroy(tx, ctx, _id, { iommu, vmid, hwpt }) {
      const { domain } = mustGet(tx, ctx, hwpt, 'hwptPaging');
      const driver = driverFor(tx.world.platform, iommu);
      putIommu(tx, iommu, driver.freeViommu(iommuAt(tx, iommu), vmid, domain));
      addUsers(tx, ctx, hwpt, -1);
    },
  },
  vdevice: {
    destroy(tx, ctx, id, { devId, viommu }) {
      const device = getOf(tx, ctx, devId, 'device');
      // Under defects the id may be another device's by now.
      if (device?.vdevice === id) putObject(tx, ctx, devId, withVdevice(device, null, -1));
      addUsers(tx, ctx, viommu, -1);
    },
  },
};
