import type { IommuHardware, Platform } from '../../platform/platform.ts';
import type { IommuDriver } from './driver.ts';
import { mock } from './mock.ts';
import { plain } from './plain.ts';
import { smmuv3 } from './smmuv3.ts';
import { vtd } from './vtd/vtd.ts';

const DRIVERS: Readonly<Record<IommuHardware['kind'], IommuDriver>> = { smmuv3, vtd, plain, mock };

/** The driver of a physical IOMMU, by its index in the platform. */
export function driverFor(platform: Platform, iommu: number): IommuDriver {
  return DRIVERS[(platform.iommus[iommu] as IommuHardware).kind];
}

/** The driver in front of a device, by the device's index in the platform. */
export function driverOfDevice(platform: Platform, device: number): IommuDriver {
  return driverFor(platform, (platform.devices[device] as Platform['devices'][number]).iommu);
}
