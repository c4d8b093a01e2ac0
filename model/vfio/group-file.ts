import { isTaken } from '../host/rescan.ts';
import { installFile } from '../world/files.ts';
import { done, type Result, refused } from '../world/result.ts';
import type { Tx } from '../world/tx.ts';

/**
 * vfio_group_fops_open(): once at a time, and not while a device of the group is bound by its own file
 * (cdev_device_open_cnt). What can be done with it is the old containers' (`model/legacy`).
 */
export function openGroup(tx: Tx, group: number, actor: string): Result {
  const { devices } = tx.world.platform;
  if (!devices.some((device, index) => device.group === group && isTaken(tx, index)))
    return refused('ENOENT');
  for (const file of tx.world.files) {
    const of = file?.of;
    const isBound = of?.kind === 'cdev' && of.bound !== null && devices[of.device]?.group === group;
    if (isBound || (of?.kind === 'group' && of.group === group)) return refused('EBUSY');
  }
  return done({ fd: installFile(tx, actor, { kind: 'group', group }) });
}

/** vfio_device_block_group(): whether the device's group has its file open. */
export function isGroupOpen(tx: Tx, device: number): boolean {
  const group = tx.world.platform.devices[device]?.group;
  return tx.world.files.some((file) => file?.of.kind === 'group' && file.of.group === group);
}
