import type { Errno } from '../../spec/errno.ts';
import { MAX_ENTRIES } from '../../spec/iommufd/constants.ts';
import type { CommandArgs } from '../world/command.ts';
import { done, type Result, refused } from '../world/result.ts';
import type { Tx } from '../world/tx.ts';
import type { Invalidated, UserArray } from './drivers/driver.ts';
import { driverFor } from './drivers/registry.ts';
import { clearCaches } from './mock-cache.ts';
import { getObject, getOf, putObject } from './object-table.ts';
import type { HwptNested, Viommu } from './objects.ts';
import { findVdevice } from './viommu.ts';

/** IOMMU_HWPT_INVALIDATE (rule R-28). `entryNum` always comes back: how many entries were handled. */
export function hwptInvalidate(tx: Tx, ctx: number, args: CommandArgs['hwptInvalidate']): Result {
  if (args.reserved !== 0) return refuse('EOPNOTSUPP');
  if (args.entryNum > 0) {
    if (args.dataUptr === 'null' || args.entryLen === 0) return refuse('EINVAL');
    const tooLong = BigInt(args.entryLen) > tx.world.platform.kernel.pageSize || args.entryNum > MAX_ENTRIES;
    if (tooLong && tx.rules.iommufd.invalidationIsBounded) return refuse('EINVAL');
  }
  const object = getObject(tx, ctx, args.hwptId);
  switch (object?.type) {
    case undefined:
      return refuse('ENOENT');
    case 'hwptNested':
      return invalidateNested(tx, ctx, args, object);
    case 'viommu':
      break;
    default:
      return refuse('EINVAL');
  }
  const { issued, handled, errno } = invalidateViommu(tx, ctx, args, object);
  if (issued.length > 0 && tx.world.mock !== null) {
    clearCaches(tx, issued);
    tx.keep = true;
  } else if (issued.length > 0) {
    tx.effects.push({ kind: 'smmuCommands', by: 'guest', iommu: object.iommu, commands: issued });
    tx.keep = true;
  }
  const out = { entryNum: handled };
  return errno === null ? done(out) : refused(errno, out);
}

function refuse(errno: Errno): Result {
  return refused(errno, { entryNum: 0 });
}

/** cache_invalidate_user(): nested domains of a driver without it are invalidated through their vIOMMU. */
function invalidateNested(
  tx: Tx,
  ctx: number,
  args: CommandArgs['hwptInvalidate'],
  hwpt: HwptNested,
): Result {
  const { legacyNesting } = driverFor(tx.world.platform, hwpt.domain.iommu);
  if (legacyNesting === null) return refuse('EOPNOTSUPP');
  const { ranges, handled, errno, domain } = legacyNesting.invalidate(userArray(args), tx.rules, hwpt.domain);
  if (domain !== undefined) {
    putObject(tx, ctx, args.hwptId, { ...hwpt, domain });
    tx.keep = true;
  }
  if (ranges.length > 0) {
    tx.effects.push({ kind: 'rangesFlushed', ctx, hwpt: args.hwptId, ranges });
    tx.keep = true;
  }
  const out = { entryNum: handled };
  return errno === null ? done(out) : refused(errno, out);
}

function userArray(args: CommandArgs['hwptInvalidate']): UserArray {
  return {
    type: args.dataType,
    entryLength: args.entryLen,
    entries: args.entryNum,
    words: args.dataUptr === 'buffer' ? args.data : null,
  };
}

function invalidateViommu(
  tx: Tx,
  ctx: number,
  args: CommandArgs['hwptInvalidate'],
  viommu: Viommu,
): Invalidated {
  const { platform } = tx.world;
  // Most commands of a batch are of one device.
  let last: { readonly vsid: bigint; readonly stream: number | null } | null = null;
  const streamOf = (vsid: bigint): number | null => {
    if (last?.vsid === vsid) return last.stream;
    const devId = findVdevice(tx, ctx, args.hwptId, vsid);
    const device = devId === null ? null : getOf(tx, ctx, devId, 'device');
    const stream = device === null ? null : (platform.devices[device.device]?.streamIds[0] ?? null);
    last = { vsid, stream };
    return stream;
  };
  return driverFor(platform, viommu.iommu).invalidate(userArray(args), viommu.vmid, streamOf, tx.rules);
}
