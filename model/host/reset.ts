import type { DeviceHardware } from '../platform/platform.ts';
import { done, type Result, refused } from '../world/result.ts';
import { deviceAt, putDevice, type Tx } from '../world/tx.ts';

/*
 * A device is reset (FLR, or recovery after an error) in two steps, between which its requests are blocked whatever its
 * domain is, and nobody can give its group another one (rules: pci_dev_reset_iommu_prepare(), _done()).
 */

function resettable(tx: Tx, actor: string): number | null {
  const device = tx.world.platform.devices.findIndex(({ id }) => actor === `device:${id}`);
  const hardware: DeviceHardware | undefined = tx.world.platform.devices[device];
  return hardware?.resets === true ? device : null;
}

/** The host begins to reset the acting device; EBUSY while it does so already, ENODEV where it cannot. */
export function resetBegins(tx: Tx, actor: string): Result {
  const device = resettable(tx, actor);
  if (device === null) return refused('ENODEV');
  if (deviceAt(tx, device).resetting) return refused('EBUSY');
  putDevice(tx, device, { ...deviceAt(tx, device), resetting: true });
  return done();
}

/** The reset is over; EINVAL where none was begun. */
export function resetEnds(tx: Tx, actor: string): Result {
  const device = resettable(tx, actor);
  if (device === null) return refused('ENODEV');
  if (!deviceAt(tx, device).resetting) return refused('EINVAL');
  putDevice(tx, device, { ...deviceAt(tx, device), resetting: false });
  return done();
}

/** Whether a group has to stay on its domains because one of its devices is being reset. */
export function isHeld(tx: Tx, group: number): boolean {
  const { devices, platform } = tx.world;
  for (let at = 0; at < devices.length; at++) {
    if (devices[at]?.resetting === true && platform.devices[at]?.group === group)
      return tx.rules.host.resetHoldsDomain;
  }
  return false;
}
