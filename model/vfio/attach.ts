import { VFIO_DEVICE, VFIO_IOCTL_SIZES } from '../../spec/vfio/constants.ts';
import { attachDevice, attachTwice, detachDevice, isAttached } from '../iommufd/attach.ts';
import { abortAutomatic, automaticBegun } from '../iommufd/auto-domain.ts';
import { mustGet } from '../iommufd/object-table.ts';
import type { CommandArgs } from '../world/command.ts';
import type { Binding, CallInFlight } from '../world/process.ts';
import { done, type Result, refused } from '../world/result.ts';
import { deviceAt, type Tx } from '../world/tx.ts';
import { vfioAttachPasid, vfioDetachPasid } from './pasid.ts';

/** VFIO_DEVICE_ATTACH_IOMMUFD_PT: a device that is attached already is moved (rule R-37). */
export function vfioAttach(
  tx: Tx,
  device: number,
  binding: Binding,
  args: CommandArgs['vfioAttach'],
): Result {
  if ((args.flags & ~VFIO_DEVICE.ATTACH_PASID) !== 0) return refused('EINVAL');
  const byPasid = (args.flags & VFIO_DEVICE.ATTACH_PASID) !== 0;
  if (byPasid && args.argsz < VFIO_IOCTL_SIZES.ATTACH_WITH_PASID) return refused('EINVAL');
  const hwptId = byPasid
    ? vfioAttachPasid(tx, device, binding, args.pasid, args.ptId)
    : attachRid(tx, device, binding, args.ptId);
  if (typeof hwptId === 'string') return refused(hwptId);
  return args.unwritable ? withoutAnswer(tx, device, binding) : done({ ptId: hwptId });
}

/** VFIO_DEVICE_ATTACH_IOMMUFD_PT by another thread, as far as others see it. */
export function vfioAttachBegins(tx: Tx, { ctx, devId }: Binding, ptId: number): CallInFlight['what'] {
  const made = isAttached(tx, ctx, devId) ? null : automaticBegun(tx, ctx, devId, ptId);
  return { call: 'attach', pt: ptId, made };
}

/** And the rest of it. */
export function vfioAttachEnds(tx: Tx, binding: Binding, pt: number, made: number | null): Result {
  const hwptId = attachRid(tx, deviceOf(tx, binding), binding, made ?? pt);
  if (typeof hwptId !== 'string') return done({ ptId: hwptId });
  if (made !== null) abortAutomatic(tx, binding.ctx, made);
  return refused(hwptId);
}

function deviceOf(tx: Tx, { ctx, devId }: Binding): number {
  return mustGet(tx, ctx, devId, 'device').device;
}

function attachRid(tx: Tx, device: number, { ctx, devId }: Binding, ptId: number) {
  // Attached as PASID 0 it is attached for iommufd, and not for VFIO.
  if (isAttached(tx, ctx, devId) && deviceAt(tx, device).pasids.includes(0))
    return attachTwice(tx, ctx, devId, ptId);
  return attachDevice(tx, ctx, devId, ptId);
}

/** The answer cannot be written to where the struct is: EFAULT, and what was done is taken back (F-5). */
function withoutAnswer(tx: Tx, device: number, binding: Binding): Result {
  if (tx.rules.iommufd.failedAttachAnswer === 'ridDetached') {
    detachRid(tx, device, binding);
    tx.keep = true;
  }
  return refused('EFAULT');
}

function detachRid(tx: Tx, device: number, { ctx, devId }: Binding): void {
  if (isAttached(tx, ctx, devId) && !deviceAt(tx, device).pasids.includes(0)) detachDevice(tx, ctx, devId);
}

/** VFIO_DEVICE_DETACH_IOMMUFD_PT: of a device, or a PASID, that is not attached, nothing. */
export function vfioDetach(
  tx: Tx,
  device: number,
  binding: Binding,
  args: CommandArgs['vfioDetach'],
): Result {
  if ((args.flags & ~VFIO_DEVICE.DETACH_PASID) !== 0) return refused('EINVAL');
  if ((args.flags & VFIO_DEVICE.DETACH_PASID) !== 0) {
    if (args.argsz < VFIO_IOCTL_SIZES.DETACH_WITH_PASID) return refused('EINVAL');
    vfioDetachPasid(tx, device, binding, args.pasid);
  } else detachRid(tx, device, binding);
  return done();
}
