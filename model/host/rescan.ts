import type { DeviceHardware } from '../platform/platform.ts';
import { done, type Result, refused } from '../world/result.ts';
import { groupAt, iommuAt, putIommu, type Tx } from '../world/tx.ts';
import { findDevice, releaseDevice } from './probe.ts';

/** The host removes the acting device and scans for it again. VFIO holds on to a device that somebody has opened. */
export function rescanProbed(tx: Tx, actor: string): Result {
  const { platform, files } = tx.world;
  const device = platform.devices.findIndex(({ id }) => actor === `device:${id}`);
  if (device < 0) return refused('ENODEV');
  const hardware = platform.devices[device] as DeviceHardware;
  const smmu = iommuAt(tx, hardware.iommu);
  if (smmu.probed === undefined) return refused('ENODEV');
  const isOpen = files.some((file) => file?.of.kind === 'cdev' && file.of.device === device);
  if (isOpen || groupAt(tx, hardware.group).owner !== null) return refused('EBUSY');
  const released = releaseDevice(smmu.probed, device, platform, tx.rules.host);
  const probed = findDevice(released, device, hardware, tx.rules.host);
  putIommu(tx, hardware.iommu, { ...smmu, probed });
  tx.effects.push({ kind: 'rescanned', device });
  return done();
}

/** Whether the driver of the SMMU in front of a device has taken it. */
export function isTaken(tx: Tx, device: number): boolean {
  const { iommu } = tx.world.platform.devices[device] as DeviceHardware;
  return iommuAt(tx, iommu).probed?.refused.includes(device) !== true;
}
