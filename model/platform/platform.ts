import type { VsmmuProperties } from '../../spec/vsmmu/registers.ts';
import type { EmulatedHardware } from './emulated.ts';
import type { EmulatedVtdHardware } from './emulated-vtd.ts';
import type { LegacyPlatform } from './legacy.ts';
import type { NotifierPlatform } from './notifiers.ts';
import type { PasidPlatform } from './pasid.ts';

/**
 * The hardware there is, and the few facts of the kernel's build that its answers depend on. Nothing in here
 * changes while a trace runs.
 */
export interface Platform {
  readonly name: string;
  readonly kernel: KernelConfig;
  readonly iommus: readonly IommuHardware[];
  readonly devices: readonly DeviceHardware[];
  /** Whether devices can be taken away and found again (`model/host`); VT-d units need not say so. */
  readonly probes?: boolean;
  /** Mediated devices without an IOMMU of their own, by name: their drivers reach memory by accesses (`model/accesses`). */
  readonly mediated?: readonly string[];
  readonly its: readonly Its[];
  /** The virtual machines, by name: each has one VMM process. */
  readonly vms: readonly string[];
  /** Those of them that are modelled with their VMM and guest. Absent: every VMM process does as it pleases. */
  readonly vmHardware?: readonly VmHardware[];
  /** What every VMM process has mapped: pinning anything else is EFAULT. */
  readonly userMemory: readonly UserMemory[];
  /** Whether it is known of pages which are pinned together: memory that has gone stays where it is pinned. */
  readonly numbersPages?: boolean;
  /** Whether caches, guests' tables and DMA are followed (`model/smmu/machine`). */
  readonly caches?: boolean;
  /** Devices with PASIDs, and the IOMMU before them (`model/pasid`). */
  readonly pasid?: PasidPlatform;
  /** A VMM's emulated SMMUv3, with a guest and devices of its own. */
  readonly emulated?: EmulatedHardware;
  /** A VMM's emulated remapping unit of VT-d, with a guest and devices of its own. */
  readonly emulatedVtd?: EmulatedVtdHardware;
  /** A VMM's emulated IOMMU whose mappings it repeats on the host (`model/notifiers`). */
  readonly notifiers?: NotifierPlatform;
  /** VFIO's old containers, and IOMMUs and groups of their own (`model/legacy`). */
  readonly legacy?: LegacyPlatform;
}

/** A virtual machine with vSMMUs, each on a root complex of its own. */
export interface VmHardware {
  /** Its name among `vms`. */
  readonly vm: string;
  /** What the operator says of each. */
  readonly vsmmus: readonly VsmmuProperties[];
  /** Where its RAM lies, from the VMM's memory on; absent: all of that from 1 GiB on. */
  readonly ram?: readonly RamRange[];
  /**
   * Where its virtual ITS has doorbells. Null: it has no ITS, and interrupts of its devices arrive as INTx, which the VMM
   * gets as MSIs. Absent: its interrupts are not followed.
   */
  readonly vits?: PageRange | null;
}

/** Pages of a guest's physical address space. */
export interface PageRange {
  readonly start: bigint;
  readonly pages: number;
}

/** RAM of a guest. */
export interface RamRange extends PageRange {
  /** Where the VMM has it; absent: behind what comes before it. */
  readonly va?: bigint;
}

export interface KernelConfig {
  /** Bytes. */
  readonly pageSize: bigint;
  /** The most that an automatic IOVA is aligned to: HPAGE_SIZE with transparent huge pages, else one page. */
  readonly maxIovaAlignment: bigint;
  /** The VMM holds CAP_SYS_RESOURCE. */
  readonly capSysResource: boolean;
  /** The administrator lets devices be given away whose MSIs may raise interrupts of others (a module parameter); absent: no. */
  readonly allowUnsafeInterrupts?: boolean;
}

/**
 * A physical IOMMU: for an SMMUv3 its ID registers, as GET_HW_INFO shows them. `vtd`: a DMA remapping unit, which has the
 * registers of `vtd` instead. `plain`: an IOMMU of another kind; it has none. `mock`: that of the kernel's selftests.
 */
export interface IommuHardware {
  readonly kind: 'smmuv3' | 'vtd' | 'plain' | 'mock';
  readonly name: string;
  /** IDR0 to IDR5. */
  readonly idr: readonly number[];
  readonly iidr: number;
  readonly aidr: number;
  readonly vtd?: VtdRegisters;
}

/** CAP_REG and ECAP_REG of a DMA remapping unit. */
export interface VtdRegisters {
  readonly cap: bigint;
  readonly ecap: bigint;
}

/** A PCI device that VFIO can give to a process. */
export interface DeviceHardware {
  /** A short name in scopes, the PCI address in recordings. */
  readonly id: string;
  /** The host that it is in; absent: 0. */
  readonly host?: number;
  /** Index of the SMMU in front of it. */
  readonly iommu: number;
  /** IOMMU group: devices with equal numbers cannot be told apart by the IOMMU, or can reach each other. */
  readonly group: number;
  /** Page requests that it can have outstanding; absent: it makes none. */
  readonly pageRequests?: number;
  /** The requester IDs under which its DMA arrives; two behind a PCIe-to-PCI bridge. */
  readonly streamIds: readonly number[];
  /** A bridge forwards its requests under this requester ID; devices that share it share a group. Absent: no bridge does. */
  readonly alias?: number;
  /** Firmware says that DMA is coherent whatever its attributes (IORT CANWBS). */
  readonly canwbs: boolean;
  /** Regions that firmware goes on to use through it until its driver takes over; default domains map them to themselves. */
  readonly firmwareRegions?: readonly { readonly start: bigint; readonly last: bigint }[];
  /** It has an ATC, and its root complex lets it ask for translations (PCIe ATS). */
  readonly ats?: boolean;
  /** Bits of the PASIDs that it can put into its requests; absent: it has no PASID capability. */
  readonly pasidBits?: number;
  /** Whether the host can reset it alone (FLR); absent: no. */
  readonly resets?: boolean;
  /** Whether VFIO finds a way to reset it (pci_try_reset_function()), if only by its bus; absent: yes. */
  readonly vfioResets?: boolean;
  /** Whether it has an interrupt line; absent: yes. */
  readonly intx?: boolean;
  /** Whether it decodes VGA's old addresses, so that there is a region of them; absent: no. */
  readonly vga?: boolean;
  /** Of a mock device, which is there from MOCK_DOMAIN on only: what it is made with (`MOCK_DEVICE`). */
  readonly mock?: number;
  /** Bytes of BAR0. */
  readonly bar0Size: number;
  /** MSI vectors. */
  readonly msiVectors: number;
  /** Index of the ITS to which its MSIs go. */
  readonly its: number;
  /** Bytes of PCI configuration space: 4096 on PCI Express, else 256. */
  readonly configSize: number;
}

/** An interrupt translation service. */
export interface Its {
  /** The physical page of its first doorbell. */
  readonly doorbell: bigint;
  /** Pages with doorbells, one after the other; absent: one. */
  readonly doorbellPages?: number;
  /** Writes to it are taken for interrupts in front of the SMMU, which never sees them (IOMMU_RESV_MSI). */
  readonly untranslated?: boolean;
  /** Whoever writes to it raises any of its interrupts: nothing looks at who that is (GICv2m; x86 without interrupt remapping). */
  readonly unisolated?: boolean;
}

/** Anonymous memory, both ends included. */
export interface UserMemory {
  readonly start: bigint;
  readonly last: bigint;
  readonly writable: boolean;
}
