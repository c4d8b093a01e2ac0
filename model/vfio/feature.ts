import { DEVICE_FEATURE, PCI_HOT_RESET } from '../../spec/vfio/constants.ts';
import { DEVICE_CALLS } from '../../spec/vfio/device-calls.ts';
import type { DeviceHardware } from '../platform/platform.ts';
import type { FileCallArgs } from '../world/rare-calls.ts';
import { done, type Result, refused } from '../world/result.ts';
import { deviceAt, putDevice, type Tx } from '../world/tx.ts';

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

/** VFIO_DEVICE_GET_PCI_HOT_RESET_INFO: on a root bus there is nothing that could be reset with others (ENODEV). */
export function hotResetInfo(tx: Tx, device: number, args: FileCallArgs['hotResetInfo']): Result {
  if (args.argsz < DEVICE_CALLS.hotResetInfo.minSize) return refused('EINVAL');
  if (!isBehindBridge(tx, device)) return refused('ENODEV');
  const { devices } = tx.world.platform;
  const bus = busOf(devices[device] as DeviceHardware);
  const count = devices.filter((each) => busOf(each) === bus).length;
  const room = Math.floor((args.argsz - DEVICE_CALLS.hotResetInfo.minSize) / PCI_HOT_RESET.DEVICE_BYTES);
  const flags = PCI_HOT_RESET.DEV_ID | PCI_HOT_RESET.DEV_ID_OWNED;
  return room < count ? refused('ENOSPC', { count, flags: 0 }) : done({ count, flags });
}

/** VFIO_DEVICE_PCI_HOT_RESET of a device on a root bus; what it would do behind a bridge is not followed. */
export function hotReset(tx: Tx, device: number, args: FileCallArgs['hotReset']): Result {
  if (args.argsz < DEVICE_CALLS.hotReset.minSize || args.flags !== 0) return refused('EINVAL');
  return isBehindBridge(tx, device) ? done() : refused('ENODEV');
}

function isBehindBridge(tx: Tx, device: number): boolean {
  return busOf(tx.world.platform.devices[device] as DeviceHardware) !== 0;
}

function busOf({ streamIds }: DeviceHardware): number {
  return (streamIds[0] ?? 0) >> 8;
}
