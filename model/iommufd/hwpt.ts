import type { Errno } from '../../spec/errno.ts';
import { HWPT_ALLOC, HWPT_DATA } from '../../spec/iommufd/constants.ts';
import { translatedItsOf } from '../platform/doorbell.ts';
import type { CommandArgs } from '../world/command.ts';
import { done, type Result, refused } from '../world/result.ts';
import { iommuAt, putIommu, type Tx } from '../world/tx.ts';
import { minPagesOn } from './access.ts';
import { withIopt } from './copy.ts';
import { NO_LOG } from './dirty.ts';
import type { UserData } from './drivers/driver.ts';
import { driverFor, driverOfDevice } from './drivers/registry.ts';
import { addDomain, removeDomain } from './iopt/domains.ts';
import { memoryEnv } from './memory-env.ts';
import { addUsers, allocObject, getObject, getOf, mustGet, putObject } from './object-table.ts';
import type { DeviceObject, HwptPaging, Viommu } from './objects.ts';
import type { Objects } from './operations.ts';

const PAGING_FLAGS =
  HWPT_ALLOC.NEST_PARENT | HWPT_ALLOC.DIRTY_TRACKING | HWPT_ALLOC.FAULT_ID_VALID | HWPT_ALLOC.PASID;

/** IOMMU_HWPT_ALLOC (rules ): what is made depends on the kind of object that `ptId` names. */
export function hwptAlloc(tx: Tx, ctx: number, args: CommandArgs['hwptAlloc']): Result {
  if (args.reserved !== 0) return refused('EOPNOTSUPP');
  if ((args.dataType === HWPT_DATA.NONE) !== (args.dataLen === 0)) return refused('EINVAL');
  const device = getOf(tx, ctx, args.devId, 'device');
  if (device === null) return refused('ENOENT');
  const made = allocFor(tx, ctx, device, args);
  if (typeof made === 'string') return refused(made);
  if ((args.flags & HWPT_ALLOC.FAULT_ID_VALID) !== 0) {
    const hwpt = getObject(tx, ctx, made);
    if (getOf(tx, ctx, args.faultId, 'fault') === null) return refused('ENOENT');
    if (hwpt?.type === 'hwptPaging' || hwpt?.type === 'hwptNested') {
      putObject(tx, ctx, made, { ...hwpt, fault: args.faultId });
      addUsers(tx, ctx, args.faultId, 1);
    }
  }
  return done({ outHwptId: made });
}

function allocFor(tx: Tx, ctx: number, device: DeviceObject, args: CommandArgs['hwptAlloc']): number | Errno {
  const pt = getObject(tx, ctx, args.ptId);
  switch (pt?.type) {
    case 'ioas': {
      const cookie = cookieOf(tx, args);
      if (typeof cookie === 'string') return cookie;
      const data = args.dataLen > 0 && cookie === null ? userData(args) : null;
      const made = makePaging(tx, ctx, args.ptId, device.device, args.flags, data);
      if (typeof made === 'string') return made;
      if (cookie !== null)
        putObject(tx, ctx, made, { ...mustGet(tx, ctx, made, 'hwptPaging'), msiCookie: cookie });
      return joinIoas(tx, ctx, made) ?? made;
    }
    case 'hwptPaging':
      return allocOnParent(tx, ctx, args.ptId, pt, device, args);
    case 'viommu':
      return allocNested(tx, ctx, args.ptId, pt, device, args);
    default:
      return 'EINVAL';
  }
}

/** Where a nesting parent is to have doorbells, if the design lets the VMM say so; null: it says nothing. */
function cookieOf(tx: Tx, args: CommandArgs['hwptAlloc']): bigint | null | Errno {
  const says =
    tx.rules.msi.doorbellPlace === 'cookie' &&
    args.flags === HWPT_ALLOC.NEST_PARENT &&
    args.dataType === HWPT_DATA.MSI_COOKIE;
  if (!says) return null;
  const [address] = args.data ?? [];
  if (address === undefined) return 'EFAULT';
  return address % tx.world.platform.kernel.pageSize === 0n ? address : 'EINVAL';
}

/**
 * The first half of iommufd_hwpt_paging_alloc(): a domain and its object. Attaching to an IOAS attaches between the
 * two halves.
 */
export function makePaging(
  tx: Tx,
  ctx: number,
  ioasId: number,
  device: number,
  flags: number,
  data: UserData | null,
): number | Errno {
  const { platform } = tx.world;
  const driver = driverOfDevice(platform, device);
  if ((flags & ~PAGING_FLAGS) !== 0) return 'EOPNOTSUPP';
  if ((flags & HWPT_ALLOC.DIRTY_TRACKING) !== 0 && !driver.dirtyTracking(platform, device, tx.rules))
    return 'EOPNOTSUPP';
  if ((flags & HWPT_ALLOC.FAULT_ID_VALID) !== 0 && (flags & HWPT_ALLOC.NEST_PARENT) !== 0)
    return 'EOPNOTSUPP';
  const { iommu } = platform.devices[device] as (typeof platform.devices)[number];
  const made = driver.allocPaging(
    platform,
    iommuAt(tx, iommu),
    device,
    flags & ~HWPT_ALLOC.FAULT_ID_VALID,
    data,
  );
  if (typeof made === 'string') return made;
  putIommu(tx, iommu, made.iommu);
  addUsers(tx, ctx, ioasId, 1);
  const paging: HwptPaging = {
    type: 'hwptPaging',
    users: 1,
    ioas: ioasId,
    nestParent: (flags & HWPT_ALLOC.NEST_PARENT) !== 0,
    autoDomain: false,
    pasidCompat: (flags & HWPT_ALLOC.PASID) !== 0,
    fault: null,
    domain: made.made,
    msiPages: [],
    msiCookie: null,
    doorbellsOf: tx.rules.msi.doorbellsSplitHwpts ? translatedItsOf(platform, device) : null,
  };
  const tracks = (flags & HWPT_ALLOC.DIRTY_TRACKING) !== 0;
  return allocObject(tx, ctx, tracks ? { ...paging, dirty: NO_LOG } : paging);
}

/** The second half: the domain joins the IOVA space, which pins and maps every area. */
export function joinIoas(tx: Tx, ctx: number, id: number): Errno | null {
  const hwpt = mustGet(tx, ctx, id, 'hwptPaging');
  const ioas = mustGet(tx, ctx, hwpt.ioas, 'ioas');
  const iopt = addDomain(ioas.iopt, `hwpt:${id}`, hwpt.domain.geometry, memoryEnv(tx), tx.rules);
  if (typeof iopt === 'string') return iopt;
  putObject(tx, ctx, hwpt.ioas, withIopt(ioas, iopt, [...ioas.hwpts, id]));
  return null;
}

function userData(args: CommandArgs['hwptAlloc']): UserData {
  return {
    type: args.dataType,
    length: args.dataLen,
    words: args.dataUptr === 'buffer' ? args.data : null,
  };
}

/** iommufd_hwpt_nested_alloc(): the path without a vIOMMU, for drivers that nest by HWPT (rule R-21). */
function allocOnParent(
  tx: Tx,
  ctx: number,
  parentId: number,
  parent: HwptPaging,
  device: DeviceObject,
  args: CommandArgs['hwptAlloc'],
): number | Errno {
  const { platform } = tx.world;
  const driver = driverOfDevice(platform, device.device);
  if ((args.flags & ~(HWPT_ALLOC.FAULT_ID_VALID | HWPT_ALLOC.PASID)) !== 0) return 'EOPNOTSUPP';
  if (args.dataLen === 0 || driver.legacyNesting === null) return 'EOPNOTSUPP';
  if (parent.autoDomain || !parent.nestParent || driverFor(platform, parent.domain.iommu) !== driver)
    return 'EINVAL';
  const flags = args.flags & ~HWPT_ALLOC.FAULT_ID_VALID;
  const domain = driver.legacyNesting.alloc(platform, device.device, parent.domain, flags, userData(args));
  if (typeof domain === 'string') return domain;
  addUsers(tx, ctx, parentId, 1);
  return allocObject(tx, ctx, {
    type: 'hwptNested',
    users: 1,
    viommu: null,
    parent: parentId,
    pasidCompat: (flags & HWPT_ALLOC.PASID) !== 0,
    fault: null,
    domain,
  });
}

function allocNested(
  tx: Tx,
  ctx: number,
  viommuId: number,
  viommu: Viommu,
  device: DeviceObject,
  args: CommandArgs['hwptAlloc'],
): number | Errno {
  const { platform } = tx.world;
  const { iommu } = platform.devices[device.device] as (typeof platform.devices)[number];
  if (viommu.iommu !== iommu) return 'EINVAL';
  if (tx.rules.iommufd.nestedAllocNeedsVdevice && device.vdevice === null) return 'ENOENT';
  if ((args.flags & ~(HWPT_ALLOC.FAULT_ID_VALID | HWPT_ALLOC.PASID)) !== 0) return 'EOPNOTSUPP';
  if (args.dataLen === 0) return 'EOPNOTSUPP';
  const domain = driverFor(platform, iommu).allocNested(iommu, args.flags, userData(args));
  if (typeof domain === 'string') return domain;
  addUsers(tx, ctx, viommuId, 1);
  return allocObject(tx, ctx, {
    type: 'hwptNested',
    users: 1,
    viommu: viommuId,
    parent: viommu.hwpt,
    pasidCompat: (args.flags & HWPT_ALLOC.PASID) !== 0,
    fault: null,
    domain,
  });
}

export const HWPT_OBJECTS: Objects<'hwptPaging' | 'hwptNested'> = {
  hwptPaging: {
    destroy(tx, ctx, id, hwpt) {
      leaveIoas(tx, ctx, id, hwpt);
      dropFault(tx, ctx, hwpt.fault);
      const { iommu } = hwpt.domain;
      putIommu(tx, iommu, driverFor(tx.world.platform, iommu).freePaging(iommuAt(tx, iommu), hwpt.domain));
      addUsers(tx, ctx, hwpt.ioas, -1);
    },
  },
  hwptNested: {
    destroy(tx, ctx, _id, { fault, viommu, parent }) {
      dropFault(tx, ctx, fault);
      addUsers(tx, ctx, viommu ?? parent, -1);
    },
  },
};

/** The domain's mappings and apertures leave the IOVA space. */
function leaveIoas(tx: Tx, ctx: number, id: number, hwpt: HwptPaging): void {
  const ioas = mustGet(tx, ctx, hwpt.ioas, 'ioas');
  const at = ioas.hwpts.indexOf(id);
  const hwpts = ioas.hwpts.filter((_, index) => index !== at);
  const minPages = minPagesOn(tx, ctx, hwpt.ioas, hwpts);
  const iopt = removeDomain(ioas.iopt, `hwpt:${id}`, minPages, tx.world.platform.kernel);
  putObject(tx, ctx, hwpt.ioas, withIopt(ioas, iopt, hwpts));
}

function dropFault(tx: Tx, ctx: number, fault: number | null): void {
  if (fault !== null) addUsers(tx, ctx, fault, -1);
}
