import { DEVICE_FEATURE, PCI_HOT_RESET } from '../../spec/vfio/constants.ts';
import { DEVICE_CALLS } from '../../spec/vfio/device-calls.ts';
import { revokeDmabufs } from '../accesses/dmabuf.ts';
import { isTaken } from '../host/rescan.ts';
import type { DeviceHardware } from '../platform/platform.ts';
import type { Binding } from '../world/process.ts';
import type { FileCallArgs } from '../world/rare-calls.ts';
import { done, type Result, refused } from '../world/result.ts';
import { deviceAt, groupAt, putDevice, type Tx } from '../world/tx.ts';

const { GET, SET, PROBE, MASK, LOW_POWER } = DEVICE_FEATURE;

/**
 * VFIO_DEVICE_FEATURE (vfio_ioctl_device_feature()): of a device that does not migrate and is no virtual function, only
 * that it can be put to sleep is a feature (CONFIG_VFIO_PCI's runtime power management); that can only be set. Of sleep it is
 * followed that it begins once; a device that wakes by itself is not.
 */
export function deviceFeature(
  tx: Tx,
  device: number,
  { argsz, flags }: FileCallArgs['deviceFeature'],
): Result {
  if (argsz < DEVICE_CALLS.deviceFeature.minSize) return refused('EINVAL');
  if ((flags & ~(MASK | GET | SET | PROBE)) !== 0) return refused('EINVAL');
  if ((flags & PROBE) === 0 && (flags & GET) !== 0 && (flags & SET) !== 0) return refused('EINVAL');
  const feature = flags & MASK;
  if (feature < LOW_POWER.ENTRY || feature > LOW_POWER.EXIT) return refused('ENOTTY');
  if ((flags & GET) !== 0) return refused('EINVAL');
  if ((flags & PROBE) !== 0) return done();
  if ((flags & SET) === 0) return refused('EINVAL');
  const { asleep, ...awake } = deviceAt(tx, device);
  if (feature === LOW_POWER.EXIT) {
    if (asleep === true) putDevice(tx, device, awake);
    return done();
  }
  const room = argsz - DEVICE_CALLS.deviceFeature.minSize;
  if (feature === LOW_POWER.ENTRY_WITH_WAKEUP && room < WAKEUP_BYTES) return refused('EINVAL');
  if (asleep === true) return refused('EINVAL');
  putDevice(tx, device, { ...awake, asleep: true });
  return done();
}

/** struct vfio_device_low_power_entry_with_wakeup */
const WAKEUP_BYTES = 8;

/**
 * VFIO_DEVICE_GET_PCI_HOT_RESET_INFO (vfio_pci_fill_devs()): on a root bus there is nothing that could be reset with others
 * (ENODEV). Whether all of them are the caller's is told by a flag.
 */
export function hotResetInfo(
  tx: Tx,
  device: number,
  args: FileCallArgs['hotResetInfo'],
  { ctx }: Binding,
): Result {
  if (args.argsz < DEVICE_CALLS.hotResetInfo.minSize) return refused('EINVAL');
  if (!isBehindBridge(tx, device)) return refused('ENODEV');
  const affected = affectedBy(tx, device);
  const count = affected.length;
  const room = Math.floor((args.argsz - DEVICE_CALLS.hotResetInfo.minSize) / PCI_HOT_RESET.DEVICE_BYTES);
  if (room < count) return refused('ENOSPC', { count, flags: 0 });
  const owned = affected.every((each) => isOwned(tx, each, ctx)) ? PCI_HOT_RESET.DEV_ID_OWNED : 0;
  return done({ count, flags: PCI_HOT_RESET.DEV_ID | owned });
}

/**
 * VFIO_DEVICE_PCI_HOT_RESET (vfio_pci_dev_set_hot_reset()): all devices of the bus, which must be the caller's. Lists of groups
 * are for devices of groups. What others have of their registers does not outlive it.
 */
export function hotReset(tx: Tx, device: number, args: FileCallArgs['hotReset'], { ctx }: Binding): Result {
  if (args.argsz < DEVICE_CALLS.hotReset.minSize || args.flags !== 0) return refused('EINVAL');
  if (args.count !== 0) return refused('EINVAL');
  if (!isBehindBridge(tx, device)) return refused('ENODEV');
  const affected = affectedBy(tx, device);
  if (!affected.every((each) => isOwned(tx, each, ctx))) return refused('EINVAL');
  for (const each of affected) revokeDmabufs(tx, each);
  return done();
}

/** The devices on the bus of one, in its host. */
function affectedBy(tx: Tx, device: number): readonly number[] {
  const { devices } = tx.world.platform;
  const { host = 0, ...own } = devices[device] as DeviceHardware;
  const bus = busOf(own);
  return [...devices.keys()].filter((at) => {
    const each = devices[at] as DeviceHardware;
    return (each.host ?? 0) === host && busOf(each) === bus;
  });
}

/** vfio_iommufd_get_dev_id(): the device is bound to the context, or one of its group is. */
function isOwned(tx: Tx, device: number, ctx: number): boolean {
  const { group } = tx.world.platform.devices[device] as DeviceHardware;
  return isTaken(tx, device) && groupAt(tx, group).owner === ctx;
}

function isBehindBridge(tx: Tx, device: number): boolean {
  return busOf(tx.world.platform.devices[device] as DeviceHardware) !== 0;
}

function busOf({ streamIds }: Pick<DeviceHardware, 'streamIds'>): number {
  return (streamIds[0] ?? 0) >> 8;
}
