import type {
  DeviceHardware,
  IommuHardware,
  Its,
  KernelConfig,
  Platform,
  UserMemory,
} from '../../model/platform/platform.ts';

/*
 * The parts that platforms are put together from: those of the machine whose recordings lie in
 * conformance/recordings/linux-7.2.13 (Linux 7.2.13 on QEMU's `virt` machine with an emulated SMMUv3).
 */

/** The machine's SMMUv3: both stages, 16-bit VMIDs, 44-bit output, no dirty tracking, no stall. */
export function smmu(name: string): IommuHardware {
  return {
    kind: 'smmuv3',
    name,
    idr: [0x0d44_101b, 0x0273_0010, 0, 0x1414, 0, 0x74],
    iidr: 0,
    aidr: 1,
  };
}

/** Pages of 4 KiB. The recorded kernel has no transparent huge pages; others have them, of 2 MiB. */
export function kernel({
  capSysResource = false,
  hugePages = false,
  pageSize = 0x1000n,
}: {
  readonly capSysResource?: boolean;
  readonly hugePages?: boolean;
  readonly pageSize?: bigint;
}): KernelConfig {
  return { pageSize, maxIovaAlignment: hugePages ? 0x20_0000n : pageSize, capSysResource };
}

/** GICv3's ITS. Its doorbell register GITS_TRANSLATER lies at 0x40 in this page. */
export const ITS: Its = { doorbell: 0x808_0000n };

/** One mapping of 4 MiB; nothing else is there, address 0x1000 in particular. */
export const USER_MEMORY: UserMemory = {
  start: 0xffff_f6ff_9000n,
  last: 0xffff_f73f_8fffn,
  writable: true,
};

/** What differs between the devices of a scope. */
export interface Placement {
  readonly iommu?: number;
  readonly group: number;
  readonly streamIds: readonly number[];
  readonly canwbs?: boolean;
  readonly host?: number;
  readonly its?: number;
  readonly msiVectors?: number;
  readonly alias?: number;
  readonly ats?: boolean;
  readonly pasidBits?: number;
  readonly pageRequests?: number;
  readonly resets?: boolean;
  readonly firmwareRegions?: NonNullable<DeviceHardware['firmwareRegions']>;
}

/** Devices dev0, dev1, … in the order given: endpoints with a BAR of 1 MiB and, if nothing else is said, one MSI vector. */
export function devices(placements: readonly Placement[]): readonly DeviceHardware[] {
  return placements.map(
    ({ iommu = 0, group, streamIds, canwbs = true, its = 0, msiVectors = 1, ...optional }, index) => ({
      id: `dev${index}`,
      ...optional,
      iommu,
      group,
      streamIds,
      canwbs,
      bar0Size: 0x10_0000,
      msiVectors,
      its,
      configSize: 256,
    }),
  );
}

/** A machine that has nothing which the model otherwise knows. */
export function bareMachine(name: string): Platform {
  return { name, kernel: kernel({}), iommus: [], devices: [], its: [], vms: [], userMemory: [] };
}
