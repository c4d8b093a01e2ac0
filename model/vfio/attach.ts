import { VFIO_DEVICE, VFIO_IOCTL_SIZES } from '../../spec/vfio/constants.ts';
import { attachDevice, detachDevice, isAttached } from '../iommufd/attach.ts';
import { getObject } from '../iommufd/object-table.ts';
import type { CommandArgs } from '../world/command.ts';
import type { Binding } from '../world/process.ts';
import { done, type Result, refused } from '../world/result.ts';
import type { Tx } from '../world/tx.ts';

/** VFIO_DEVICE_ATTACH_IOMMUFD_PT: a device that is attached already is moved (rule R-37). */
export function vfioAttach(
  tx: Tx,
  _device: number,
  { ctx, devId }: Binding,
  args: CommandArgs['vfioAttach'],
): Result {
  if ((args.flags & ~VFIO_DEVICE.ATTACH_PASID) !== 0) return refused('EINVAL');
  if ((args.flags & VFIO_DEVICE.ATTACH_PASID) !== 0) return attachPasid(tx, ctx, args);
  const hwptId = attachDevice(tx, ctx, devId, args.ptId);
  return typeof hwptId === 'string' ? refused(hwptId) : done({ ptId: hwptId });
}

/** No device of these platforms has PASIDs: every number is beyond what it can take. */
function attachPasid(tx: Tx, ctx: number, args: CommandArgs['vfioAttach']): Result {
  if (args.argsz < VFIO_IOCTL_SIZES.ATTACH_WITH_PASID) return refused('EINVAL');
  return refused(getObject(tx, ctx, args.ptId) === null ? 'ENOENT' : 'EINVAL');
}

/** VFIO_DEVICE_DETACH_IOMMUFD_PT: of a device that is not attached, nothing. */
export function vfioDetach(
  tx: Tx,
  _device: number,
  { ctx, devId }: Binding,
  args: CommandArgs['vfioDetach'],
): Result {
  if ((args.flags & ~VFIO_DEVICE.DETACH_PASID) !== 0) return refused('EINVAL');
  if ((args.flags & VFIO_DEVICE.DETACH_PASID) !== 0) {
    return args.argsz < VFIO_IOCTL_SIZES.DETACH_WITH_PASID ? refused('EINVAL') : done();
  }
  if (isAttached(tx, ctx, devId)) detachDevice(tx, ctx, devId);
  return done();
}
