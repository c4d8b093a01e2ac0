import type { DeviceHardware, Platform } from '../model/platform/platform.ts';
import { featuresOf } from '../model/platform/smmu-features.ts';
import { vtdFeaturesOf } from '../model/platform/vtd-features.ts';
import { decode } from '../spec/bits.ts';
import { idr1 } from '../spec/smmuv3/id-registers.ts';

/*
 * What a platform must have for some properties to mean anything.
 */

/** A VMM process that does as it pleases: what such a process gets told is what these properties are about. */
export function hasFreeProcess({ devices, vms, vmHardware = [] }: Platform): boolean {
  return devices.length > 0 && vms.some((vm) => !vmHardware.some((modelled) => modelled.vm === vm));
}

/** The bits of PASIDs that a device behind an SMMUv3 can use, those that both have; of others nobody says it here. */
export function smmuPasidBits({ iommus }: Platform, { iommu, pasidBits = 0 }: DeviceHardware): number | null {
  const { kind, idr = [] } = iommus[iommu] ?? {};
  return kind === 'smmuv3' ? Math.min(decode(idr1, [BigInt(idr[1] ?? 0)]).SSIDSIZE, pasidBits) : null;
}

/** One that can have vIOMMUs. */
export function hasFreeVsmmus(platform: Platform): boolean {
  return hasFreeProcess(platform) && hasSmmu(platform);
}

/** More than one of them. */
export function hasFreeProcesses(platform: Platform): boolean {
  return hasFreeProcess(platform) && platform.vms.length > 1;
}

/** An IOMMU group of several devices that such a process can take apart. */
export function hasSharedGroup(platform: Platform): boolean {
  const groups = platform.devices.map(({ group }) => group);
  return hasFreeProcess(platform) && new Set(groups).size < groups.length;
}

/** A virtual machine that is modelled with its VMM and its guest, and is not about its interrupts alone. */
export function hasVsmmu({ vmHardware = [] }: Platform): boolean {
  return vmHardware.some(({ vits }) => vits === undefined);
}

/** One that can move to another host. */
export function migratesVsmmus(platform: Platform): boolean {
  return hasVsmmu(platform) && new Set(platform.devices.map(({ host = 0 }) => host)).size > 1;
}

/** One whose vSMMU can have several devices behind one pSMMU. */
export function sharesPsmmu(platform: Platform): boolean {
  const behind = platform.devices.filter(({ canwbs }) => canwbs).map(({ iommu }) => iommu);
  return hasVsmmu(platform) && new Set(behind).size < behind.length;
}

/** One with several vSMMUs. */
export function hasVsmmus({ vmHardware = [] }: Platform): boolean {
  return vmHardware.some(({ vsmmus }) => vsmmus.length > 1);
}

/** A VMM's emulated SMMUv3. */
export function hasEmulatedSmmu({ emulated }: Platform): boolean {
  return emulated !== undefined;
}

/** A VMM's emulated VT-d unit. */
export function hasEmulatedVtd({ emulatedVtd }: Platform): boolean {
  return emulatedVtd !== undefined;
}

/** An SMMUv3: vIOMMUs, virtual StreamIDs and event queues exist. */
export function hasSmmu({ iommus }: Platform): boolean {
  return iommus.some(({ kind }) => kind === 'smmuv3');
}

/** An SMMUv3 whose caches, guests' tables and DMA of processes that do as they please are followed. */
export function followsCaches(platform: Platform): boolean {
  return platform.caches === true && hasFreeProcess(platform) && hasSmmu(platform);
}

/** One of those that must stall on faults. */
export function mustStall(platform: Platform): boolean {
  const smmus = platform.iommus.filter(({ kind }) => kind === 'smmuv3');
  return followsCaches(platform) && smmus.some((smmu) => featuresOf(smmu).mustStall);
}

/** A VT-d remapping unit of which they are. */
export function followsVtd({ caches = false, iommus }: Platform): boolean {
  return caches && iommus.some(({ kind }) => kind === 'vtd');
}

/** One of those that does not snoop the caches when it reads its tables. */
export function followsIncoherentVtd(platform: Platform): boolean {
  const units = platform.iommus.filter(({ kind }) => kind === 'vtd');
  return followsVtd(platform) && units.some((unit) => !vtdFeaturesOf(unit).coherentTables);
}

/** One of those that note devices' writes. */
export function tracksWrites(platform: Platform): boolean {
  return followsVtd(platform) && platform.iommus.some((smmu) => vtdFeaturesOf(smmu).dirtyTracking);
}

/** Devices of iommufd's that make requests with PASIDs. */
export function attachesPasids({ devices }: Platform): boolean {
  return devices.some(({ pasidBits = 0 }) => pasidBits > 0);
}

/** Devices with TLBs of their own. */
export function hasAts({ devices }: Platform): boolean {
  return devices.some(({ ats = false }) => ats);
}

/** Whether some devices are together on a bus behind a bridge, so that a hot reset of one is of all of them. */
export function sharesBuses({ devices }: Platform): boolean {
  const buses = devices.map(({ streamIds }) => (streamIds[0] ?? 0) >> 8).filter((bus) => bus !== 0);
  return new Set(buses).size < buses.length;
}

/** Devices that the host can reset one by one. */
export function resetsDevices({ devices }: Platform): boolean {
  return devices.some(({ resets = false }) => resets);
}

/** Devices that make page requests. */
export function makesPageRequests({ devices }: Platform): boolean {
  return devices.some(({ pageRequests = 0 }) => pageRequests > 0);
}

/** Devices behind an SMMU that come and go. */
export function findsDevices({ probes = false }: Platform): boolean {
  return probes;
}

/** Drivers in the kernel that reach memory of processes by accesses. */
export function hasMediated({ mediated }: Platform): boolean {
  return mediated !== undefined;
}

/** The mock IOMMU of the kernel's selftests. */
export function hasMock({ iommus }: Platform): boolean {
  return iommus.some(({ kind }) => kind === 'mock');
}

/** VFIO's old containers. */
export function hasContainers({ legacy }: Platform): boolean {
  return legacy !== undefined;
}

/** Containers whose groups are behind several IOMMUs. */
export function hasSeveralDomains({ legacy }: Platform): boolean {
  return new Set(legacy?.groups.map(({ iommu }) => iommu)).size > 1;
}

/** Devices with PASIDs, whole or in slices. */
export function hasPasids({ pasid }: Platform): boolean {
  return pasid !== undefined;
}
