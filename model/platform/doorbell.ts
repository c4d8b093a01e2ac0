import type { DeviceHardware, Its, Platform } from './platform.ts';

/** Offset of the register in a doorbell's page that takes MSIs (GITS_TRANSLATER; GICv2m's MSI_SETSPI_NS). */
export const MSI_REGISTER = 0x40n;

/** The first interrupt number that MSIs of the host get; each vector has its own. */
const FIRST_DATA = 80;

/** Vectors that PCI's MSI can have. */
const MOST_VECTORS = 32;

export function itsOf({ devices, its }: Platform, device: number): Its {
  return its[(devices[device] as DeviceHardware).its] as Its;
}

/** Pages in which an ITS has doorbells. */
export function doorbellPages({ doorbellPages: pages = 1 }: Its): number {
  return pages;
}

/** The physical page of the doorbell that serves a vector: vectors take an ITS's doorbells in turn. */
export function doorbellOf(platform: Platform, device: number, vector: number): bigint {
  return doorbellAt(platform, itsOf(platform, device), vector);
}

/** The same, of an ITS. */
export function doorbellAt({ kernel }: Platform, its: Its, vector: number): bigint {
  return its.doorbell + BigInt(vector % doorbellPages(its)) * kernel.pageSize;
}

/**
 * Whether devices of an ITS can be given to nobody: what one of them writes may raise an interrupt of somebody else, and
 * the administrator has not said that this is fine (iommu_group_has_isolated_msi(), `allow_unsafe_interrupts`).
 */
export function isUnsafe({ unisolated = false }: Its, { kernel }: Platform): boolean {
  return unisolated && kernel.allowUnsafeInterrupts !== true;
}

/** Whether a physical address is where an ITS takes MSIs. */
export function isDoorbell(its: Its, { kernel }: Platform, address: bigint): boolean {
  const size = BigInt(doorbellPages(its)) * kernel.pageSize;
  const offset = address - its.doorbell;
  return offset >= 0n && offset < size && offset % kernel.pageSize === MSI_REGISTER;
}

/** The data that the host gives a vector: no two vectors of the machine have the same. */
export function hostData(device: number, vector: number): number {
  return FIRST_DATA + device * MOST_VECTORS + vector;
}

/** The ITS of a device, by index; null where no IOMMU translates its MSIs. */
export function translatedItsOf(platform: Platform, device: number): number | null {
  const { its } = platform.devices[device] as DeviceHardware;
  return itsOf(platform, device).untranslated === true ? null : its;
}
