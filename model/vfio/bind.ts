import { VFIO_DEVICE } from '../../spec/vfio/constants.ts';
import { VFIO_IOCTLS } from '../../spec/vfio/ioctls.ts';
import { revokeDmabufs } from '../accesses/dmabuf.ts';
import { IDLE_DEVICE, lost } from '../host/device.ts';
import { detachDevice, isAttached } from '../iommufd/attach.ts';
import { withRefs } from '../iommufd/copy.ts';
import { putContextRef } from '../iommufd/destroy.ts';
import { bindDevice, destroyVdeviceOf, isOwnedElsewhere, unbindDevice } from '../iommufd/device.ts';
import { driverOfDevice } from '../iommufd/drivers/registry.ts';
import { forgetThread } from '../msi/threads.ts';
import { isUnsafe, itsOf } from '../platform/doorbell.ts';
import type { CommandArgs } from '../world/command.ts';
import { fileOf } from '../world/files.ts';
import type { Binding } from '../world/process.ts';
import { done, type Result, refused } from '../world/result.ts';
import { contextAt, deviceAt, putContext, putDevice, putFile, type Tx } from '../world/tx.ts';
import { isGroupOpen } from './group-file.ts';
import { detachPasids } from './pasid.ts';

/** VFIO_DEVICE_BIND_IOMMUFD (rules ): once per open file, and the first open file only. */
export function vfioBind(
  tx: Tx,
  file: number,
  device: number,
  args: CommandArgs['vfioBind'],
  actor: string,
): Result {
  const open = tx.world.files[file];
  if (open?.of.kind !== 'cdev') return refused('ENOTTY');
  if (args.iommufd < 0 || (args.flags & ~VFIO_DEVICE.BIND_FLAG_TOKEN) !== 0) return refused('EINVAL');
  if (isGroupOpen(tx, device)) return refused('EBUSY');
  if (open.of.bound !== null) return refused('EINVAL');
  // A token is for virtual functions and what has them; no device here is one (vfio_pci_core_match_token_uuid()).
  if ((args.flags & VFIO_DEVICE.BIND_FLAG_TOKEN) !== 0) {
    const isThere = args.argsz >= VFIO_IOCTLS.vfioBind.size && args.tokenUuidPtr === 'buffer';
    return refused(isThere ? 'EINVAL' : 'EFAULT');
  }
  const target = fileOf(tx, actor, args.iommufd);
  if (target === null) return refused('EBADF');
  if (target.of.kind !== 'iommufd') return refused('EBADFD');
  if (deviceAt(tx, device).opened) return refused('EINVAL');
  const { ctx } = target.of;
  const { platform } = tx.world;
  if (!driverOfDevice(platform, device).cacheCoherent(platform, device)) return refused('EINVAL');
  if (isUnsafe(itsOf(platform, device), platform) && tx.rules.msi.unisolatedMsiIsRefused)
    return refused('EPERM');
  if (isOwnedElsewhere(tx, ctx, device)) return refused('EPERM');

  const devId = bindDevice(tx, ctx, device);
  const context = contextAt(tx, ctx);
  putContext(tx, ctx, withRefs(context, context.refs + 1));
  putFile(tx, file, { ...open, of: { ...open.of, bound: { ctx, devId } } });
  return done({ outDevid: devId });
}

/**
 * The bound file is gone (rules ): detached, its vDEVICE destroyed and buried, the DEVICE object and the
 * group's ownership given back.
 */
export function unbind(tx: Tx, device: number, { ctx, devId }: Binding): void {
  detachPasids(tx, device, { ctx, devId });
  if (isAttached(tx, ctx, devId)) detachDevice(tx, ctx, devId);
  destroyVdeviceOf(tx, ctx, devId);
  forgetThread(tx, ctx, devId);
  revokeDmabufs(tx, device);
  unbindDevice(tx, ctx, devId);
  // A group that others keep attached is not touched, so the device's driver keeps what it captured, and its tables.
  const { vmaster, pasidTable, messages, told, lostEvents } = deviceAt(tx, device);
  const vectors = tx.rules.msi.vectorsGoWithFile ? {} : { messages, told };
  putDevice(tx, device, { ...IDLE_DEVICE, vmaster, pasidTable, ...vectors, ...lost(lostEvents) });
  putContextRef(tx, ctx);
}
