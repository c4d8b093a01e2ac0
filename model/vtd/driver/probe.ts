import type { DeviceHardware, IommuHardware, Platform } from '../../platform/platform.ts';
import { type VtdFeatures, vtdFeaturesOf } from '../../platform/vtd-features.ts';
import type { Words } from '../../world/command.ts';
import { NO_CONTEXT, scalableEntry } from './entries.ts';
import type { DeviceTables } from './tables.ts';

/** A device that was found; `table` counts how often it was before. In scalable mode it has a PASID table, and nothing in it. */
export function probedDevice(platform: Platform, device: number, table: number): DeviceTables {
  return { context: probedContext(platform, device, table), table, directory: [], entries: {} };
}

function probedContext(platform: Platform, device: number, table: number): Words {
  const { ats = false } = platform.devices[device] as DeviceHardware;
  const features = featuresAt(platform, device);
  return features.scalable ? scalableEntry(features, device, table, ats) : NO_CONTEXT;
}

export function unitOf(platform: Platform, device: number): number {
  return (platform.devices[device] as DeviceHardware).iommu;
}

export function featuresAt(platform: Platform, device: number): VtdFeatures {
  return vtdFeaturesOf(platform.iommus[unitOf(platform, device)] as IommuHardware);
}
