import type { Errno } from '../../spec/errno.ts';
import { HW_QUEUE_TYPE, ULONG_MAX } from '../../spec/iommufd/constants.ts';
import type { CommandArgs } from '../world/command.ts';
import { done, type Result, refused } from '../world/result.ts';
import type { Tx } from '../world/tx.ts';
import { endAccess } from './access.ts';
import { withIopt } from './copy.ts';
import { driverFor } from './drivers/registry.ts';
import { areasAligned } from './iopt/domains.ts';
import { withAlignment } from './iopt/table.ts';
import {
  addUsers,
  allocObject,
  contextObjects,
  getOf,
  mustGet,
  putObject,
  removeObject,
} from './object-table.ts';
import type { Objects } from './operations.ts';
import { checkAreas, contiguousAreas } from './pin-areas.ts';

/** The table's reference, and the kernel's own. */
const ACCESS_USERS = 2;

/** Of no mediated device. */
const NO_MDEV = -1;

/** IOMMU_HW_QUEUE_ALLOC (rule R-36): memory of the guest, pinned for good, that hardware reads as a queue. */
export function hwQueueAlloc(tx: Tx, ctx: number, args: CommandArgs['hwQueueAlloc']): Result {
  if (args.flags !== 0 || args.type === HW_QUEUE_TYPE.DEFAULT) return refused('EOPNOTSUPP');
  if (args.length === 0n) return refused('EINVAL');
  if (args.nestingParentIova + args.length - 1n > ULONG_MAX) return refused('EOVERFLOW');
  const viommu = getOf(tx, ctx, args.viommuId, 'viommu');
  if (viommu === null) return refused('ENOENT');
  const queues = driverFor(tx.world.platform, viommu.iommu).hwQueues;
  if (queues === undefined || queues.type !== args.type) return refused('EOPNOTSUPP');
  const { ioas } = mustGet(tx, ctx, viommu.hwpt, 'hwptPaging');
  // The queue's id is taken before that of the access.
  const id = allocObject(tx, ctx, {
    type: 'hwQueue',
    users: 1,
    viommu: args.viommuId,
    index: args.index,
    access: 0,
    previous: null,
  });
  const access = pin(tx, ctx, ioas, args.nestingParentIova, args.length);
  if (typeof access === 'string') return refused(access);
  const previous = place(tx, ctx, id, args.viommuId, args.index, queues.most);
  if (typeof previous === 'string') return refused(previous);
  putObject(tx, ctx, id, { ...mustGet(tx, ctx, id, 'hwQueue'), access, previous });
  addUsers(tx, ctx, args.viommuId, 1);
  if (previous !== null) addUsers(tx, ctx, previous, 1);
  return done({ outHwQueueId: id });
}

/** iommufd_hw_queue_alloc_phys(): an access of the kernel's own pins whole pages, which must lie one after the other. */
function pin(tx: Tx, ctx: number, ioasId: number, iova: bigint, length: bigint): number | Errno {
  const { kernel } = tx.world.platform;
  const start = iova & ~(kernel.pageSize - 1n);
  const ioas = mustGet(tx, ctx, ioasId, 'ioas');
  const range = { iova: start, length: length + (iova - start), write: false };
  if (!areasAligned(ioas.iopt, kernel.pageSize, kernel)) return 'EADDRINUSE';
  const alignment = ioas.iopt.alignment > kernel.pageSize ? ioas.iopt.alignment : kernel.pageSize;
  const areas = contiguousAreas(ioas.iopt, range);
  const errno = checkAreas(tx, areas, range, kernel.pageSize, false);
  if (errno !== null) return errno;
  const [first] = areas;
  const follow = areas.every(
    (area) => first !== undefined && area.va - area.start === first.va - first.start,
  );
  if (!follow) return 'EFAULT';
  putObject(
    tx,
    ctx,
    ioasId,
    withIopt(ioas, withAlignment(ioas.iopt, alignment, ioas.iopt.hugePagesDisabled)),
  );
  addUsers(tx, ctx, ioasId, 1);
  return allocObject(tx, ctx, {
    type: 'access',
    users: ACCESS_USERS,
    mdev: NO_MDEV,
    ioas: ioasId,
    moving: null,
    pins: [{ start, last: iova + length - 1n }],
    locks: true,
  });
}

/** hw_queue_init_phys(): queues are made in order, each once. Gives the one before. */
function place(
  tx: Tx,
  ctx: number,
  own: number,
  viommu: number,
  index: number,
  most: number,
): number | null | Errno {
  if (index >= most) return 'EINVAL';
  const at = (wanted: number): number =>
    contextObjects(tx, ctx).findIndex(
      (slot, id) => id !== own && slot?.type === 'hwQueue' && slot.viommu === viommu && slot.index === wanted,
    );
  if (at(index) >= 0) return 'EEXIST';
  if (index === 0) return null;
  const previous = at(index - 1);
  return previous < 0 ? 'EIO' : previous;
}

export const HW_QUEUE_OBJECTS: Objects<'hwQueue'> = {
  hwQueue: {
    destroy(tx, ctx, _id, { access, previous, viommu }) {
      endAccess(tx, ctx, access);
      removeObject(tx, ctx, access);
      if (previous !== null) addUsers(tx, ctx, previous, -1);
      addUsers(tx, ctx, viommu, -1);
    },
  },
};
