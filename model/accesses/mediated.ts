import { VFIO_DEVICE, VFIO_IOCTL_SIZES } from '../../spec/vfio/constants.ts';
import { VFIO_IOCTLS, type VfioIoctlName } from '../../spec/vfio/ioctls.ts';
import { beginMove, endMove } from '../iommufd/access.ts';
import { withRefs } from '../iommufd/copy.ts';
import { putContextRef } from '../iommufd/destroy.ts';
import { allocObject, mustGet, removeObject } from '../iommufd/object-table.ts';
import type { CommandArgs } from '../world/command.ts';
import { fileOf, holdFile } from '../world/files.ts';
import { type Binding, type OpenFile, processOf } from '../world/process.ts';
import { done, type Result, refused } from '../world/result.ts';
import { contextAt, putContext, putFile, putProcess, type Tx } from '../world/tx.ts';

type Mediated = Extract<OpenFile, { readonly kind: 'mdev' }>;

/** The table's reference and the driver's. */
const BOUND_USERS = 2;

/** ioctls of a mediated device without an IOMMU of its own (vfio_iommufd_emulated_bind() and its like). */
export function mediatedIoctl<N extends VfioIoctlName>(
  tx: Tx,
  file: number,
  of: Mediated,
  name: N,
  args: CommandArgs[N],
  actor: string,
): Result {
  if ('argsz' in args && args.argsz < VFIO_IOCTLS[name].minSize) return refused('EINVAL');
  if (name === 'vfioBind') return bind(tx, file, of, args as CommandArgs['vfioBind'], actor);
  if (of.bound === null) return refused('EINVAL');
  switch (name) {
    case 'vfioAttach':
      return attach(tx, of.bound, args as CommandArgs['vfioAttach']);
    case 'vfioDetach':
      return detach(tx, of.bound, args as CommandArgs['vfioDetach']);
    // Everything else is the driver's own.
    default:
      return refused('ENOTTY');
  }
}

function bind(tx: Tx, file: number, of: Mediated, args: CommandArgs['vfioBind'], actor: string): Result {
  const { BIND_FLAG_TOKEN } = VFIO_DEVICE;
  if (args.iommufd < 0 || (args.flags & ~BIND_FLAG_TOKEN) !== 0) return refused('EINVAL');
  if (of.bound !== null) return refused('EINVAL');
  // Nothing there looks at tokens (vfio_df_check_token()).
  if ((args.flags & BIND_FLAG_TOKEN) !== 0) return refused('EINVAL');
  const target = fileOf(tx, actor, args.iommufd);
  if (target === null) return refused('EBADF');
  if (target.of.kind !== 'iommufd') return refused('EBADFD');
  if (isBound(tx, of.mdev)) return refused('EINVAL');
  const { ctx } = target.of;
  const { mdev } = of;
  const devId = allocObject(tx, ctx, {
    type: 'access',
    users: BOUND_USERS,
    mdev,
    ioas: null,
    moving: null,
    pins: [],
  });
  const context = contextAt(tx, ctx);
  putContext(tx, ctx, withRefs(context, context.refs + 1));
  putFile(tx, file, {
    refs: tx.world.files[file]?.refs ?? 1,
    of: { kind: 'mdev', mdev, bound: { ctx, devId } },
  });
  return done({ outDevid: devId });
}

function isBound({ world }: Tx, mdev: number): boolean {
  return world.files.some(
    (file) => file?.of.kind === 'mdev' && file.of.mdev === mdev && file.of.bound !== null,
  );
}

/** VFIO_DEVICE_ATTACH_IOMMUFD_PT: to an IOAS and nothing else, since there is no IOMMU; what is attached already is moved. */
function attach(tx: Tx, { ctx, devId }: Binding, args: CommandArgs['vfioAttach']): Result {
  const refusal = noPasid(
    args.flags,
    VFIO_DEVICE.ATTACH_PASID,
    args.argsz,
    VFIO_IOCTL_SIZES.ATTACH_WITH_PASID,
  );
  if (refusal !== null) return refusal;
  const errno = beginMove(tx, ctx, devId, args.ptId);
  if (errno !== null) return refused(errno);
  endMove(tx, ctx, devId);
  return args.unwritable ? refused('EFAULT') : done({ ptId: args.ptId });
}

function detach(tx: Tx, { ctx, devId }: Binding, args: CommandArgs['vfioDetach']): Result {
  const refusal = noPasid(
    args.flags,
    VFIO_DEVICE.DETACH_PASID,
    args.argsz,
    VFIO_IOCTL_SIZES.DETACH_WITH_PASID,
  );
  if (refusal !== null) return refusal;
  const { ioas } = mustGet(tx, ctx, devId, 'access');
  if (ioas === null) return done();
  beginMove(tx, ctx, devId, null);
  endMove(tx, ctx, devId);
  return done();
}

/** Drivers of mediated devices have no operation for PASIDs. */
function noPasid(flags: number, byPasid: number, argsz: number, size: number): Result | null {
  if ((flags & ~byPasid) !== 0) return refused('EINVAL');
  if ((flags & byPasid) === 0) return null;
  return refused(argsz < size ? 'EINVAL' : 'EOPNOTSUPP');
}

/** An attach by another thread, as far as the driver's unmap(), which runs without the access's lock. */
export function mdevAttachBegins(
  tx: Tx,
  { fd, ptId }: CommandArgs['mdevAttachBegins'],
  actor: string,
): Result {
  const file = fileOf(tx, actor, fd);
  const process = processOf(tx.world.processes, actor);
  const open = file === null ? null : (tx.world.files[file.index] ?? null);
  if (file === null || open === null || process === undefined) return refused('EBADF');
  if (file.of.kind !== 'mdev') return refused('ENOTTY');
  if (file.of.bound === null) return refused('EINVAL');
  const { ctx, devId: id } = file.of.bound;
  const errno = beginMove(tx, ctx, id, ptId);
  if (errno !== null) return refused(errno);
  // Where there is nothing to unpin the lock is kept, and nobody comes between.
  if (mustGet(tx, ctx, id, 'access').moving?.from === null) endMove(tx, ctx, id);
  holdFile(tx, file.index);
  const call = { file: file.index, ctx, what: { call: 'mdevAttach', id } } as const;
  putProcess(tx, actor, { ...process, calls: [...process.calls, call] });
  return done();
}

/** iommufd_access_destroy(): the bound file is gone. */
export function unbindMediated(tx: Tx, { ctx, devId }: Binding): void {
  beginMove(tx, ctx, devId, null);
  endMove(tx, ctx, devId);
  removeObject(tx, ctx, devId);
  putContextRef(tx, ctx);
}
