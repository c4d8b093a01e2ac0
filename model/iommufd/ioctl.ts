import { IOCTLS, type IoctlName } from '../../spec/iommufd/ioctls.ts';
import type { AnyIoctlName, CommandArgs } from '../world/command.ts';
import { type Result, refused } from '../world/result.ts';
import type { Tx } from '../world/tx.ts';
import { changeProcess } from './change-process.ts';
import { compatIoas } from './compat-ioas.ts';
import { destroy } from './destroy.ts';
import { hwptGetDirtyBitmap, hwptSetDirtyTracking } from './dirty.ts';
import { faultQueueAlloc, veventqAlloc } from './eventq.ts';
import { getHwInfo } from './hw-info.ts';
import { hwQueueAlloc } from './hw-queue.ts';
import { hwptAlloc } from './hwpt.ts';
import { hwptInvalidate } from './invalidate.ts';
import {
  ioasAlloc,
  ioasAllowIovas,
  ioasCopy,
  ioasIovaRanges,
  ioasMap,
  ioasMapFile,
  ioasUnmap,
} from './ioas.ts';
import { option } from './option.ts';
import { withinSize } from './short-struct.ts';
import { vdeviceAlloc, viommuAlloc } from './viommu.ts';

type Handler<N extends IoctlName> = (tx: Tx, ctx: number, args: CommandArgs[N], actor: string) => Result;

/** The map of the subsystem: every ioctl of /dev/iommu and where it is answered. */
const HANDLERS: { readonly [N in IoctlName]: Handler<N> } = {
  destroy: (tx, ctx, args) => destroy(tx, ctx, args.id),
  ioasAlloc,
  ioasAllowIovas,
  ioasCopy,
  ioasIovaRanges,
  ioasMap,
  ioasUnmap,
  option,
  vfioIoas: compatIoas,
  hwptAlloc,
  getHwInfo,
  hwptSetDirtyTracking,
  hwptGetDirtyBitmap,
  hwptInvalidate,
  faultQueueAlloc,
  ioasMapFile,
  viommuAlloc,
  vdeviceAlloc,
  ioasChangeProcess: changeProcess,
  veventqAlloc,
  hwQueueAlloc,
};

/** Whether an ioctl is one of /dev/iommu's own, and not of its compat mode or of devices. */
export function isIommufdIoctl(name: AnyIoctlName): name is IoctlName {
  return name in HANDLERS;
}

/** An ioctl on an open /dev/iommu: the rules for structs of any age first (rule R-8), then the call's own. */
export function iommufdIoctl<N extends IoctlName>(
  tx: Tx,
  ctx: number,
  name: N,
  args: CommandArgs[N],
  actor: string,
): Result {
  const table = IOCTLS[name];
  if (args.size < table.minSize) return refused('EINVAL');
  if (args.size > table.size && args.trailing) return refused('E2BIG');
  return HANDLERS[name](tx, ctx, withinSize(table, args), actor);
}
