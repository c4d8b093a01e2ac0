import type { IdRegisterValues } from '../../spec/smmuv3/id-registers.ts';
import type { VsmmuProperties } from '../../spec/vsmmu/registers.ts';
import type { PageRange, Platform, VmHardware } from '../platform/platform.ts';
import { type Control, firstControl } from './control.ts';
import { type GuestMemory, NO_MEMORY } from './memory.ts';
import type { SteFound } from './table.ts';

declare module '../world/world.ts' {
  interface World {
    /** Parallel to `platform.vmHardware`. */
    readonly vms: readonly Vm[];
  }
}

/** A virtual machine with vSMMUs: what its guest set up, and what its VMM knows of the kernel's objects. */
export interface Vm {
  readonly name: string;
  /** The host that it runs on. */
  readonly host: number;
  readonly running: boolean;
  /** Its open files of /dev/iommu, each while a device of it is plugged. */
  readonly iommufds: readonly VmIommufd[];
  /** What the guest wrote into its memory for its vSMMUs. */
  readonly memory: GuestMemory;
  /** What its IORT had the guest map one to one when it was started (RMR nodes). */
  readonly rmr: readonly PageRange[];
  /** Parallel to those of its `VmHardware`. */
  readonly vsmmus: readonly Vsmmu[];
}

/** A file of /dev/iommu of the VMM's. */
export interface VmIommufd {
  /** The operator's number for it. */
  readonly number: number;
  readonly fd: number;
  /** The newest first. */
  readonly containers: readonly Container[];
}

/** An IOAS with the guest's memory. */
export interface Container {
  readonly ioas: number;
  /** Nesting parents on it that are VFIO's and no vSMMU's, the newest first. */
  readonly parents: readonly number[];
}

export interface Vsmmu {
  /** What the guest reads; null until the VM has booted, then never changed. */
  readonly registers: IdRegisterValues | null;
  readonly cr0: number;
  readonly gbpa: number;
  readonly control: Control;
  /** Its parts of a pSMMU, while a device behind it is nested: one, unless doorbells split the guest's memory. */
  readonly backings: readonly Backing[];
  /** In the order of plugging. */
  readonly devices: readonly PluggedDevice[];
  /** What its first device fixed of the pSMMU for those that come later. */
  readonly pinned: IdRegisterValues | null;
  /** StreamIDs that CFGI_STE named, where they are remembered, ascending. */
  readonly named: readonly number[];
  /** Buses behind ports on which a device is or was; kept where the VMM finds devices by them. */
  readonly buses: readonly KnownBus[];
}

/** A bus behind a port of the machine's, as a VMM knows it that finds devices by bus. */
export interface KnownBus {
  /** The port by its name. */
  readonly port: string;
  /** The number that the guest gave it last. */
  readonly number: number;
  /** Numbers by which it was found since the last reset, and is found whatever number it has now. */
  readonly found: readonly number[];
}

/** The kernel's objects behind a vSMMU (ids in the VM's iommufd context). */
export interface Backing {
  /** The VMM's file of /dev/iommu that they are of. */
  readonly fd: number;
  readonly parent: number;
  readonly viommu: number;
  /** Nested HWPTs that stand for "no traffic" and "stage 2 only". */
  readonly abort: number;
  readonly bypass: number;
  readonly veventq: { readonly id: number; readonly fd: number } | null;
}

export interface PluggedDevice {
  /** Its id on the platform. */
  readonly device: string;
  /** Its virtual StreamID. */
  readonly vsid: number;
  /** Of a device behind a port of its own the StreamIDs under which it was found, as `KnownBus.found`. */
  readonly aliases: readonly number[];
  /** Which of the VMM's files of /dev/iommu it is bound to, by the operator's number. */
  readonly iommufd: number;
  readonly fd: number;
  /** Its DEVICE object. */
  readonly devId: number;
  /** The physical IOMMU in front of it, as the kernel told at plug. */
  readonly iommu: HostIommu;
  /** The nesting parent that VFIO put it on when it came; null where that is the vSMMU's business. */
  readonly parent: number | null;
  /** How the guest's stage 1 reaches it; null before it is put anywhere. */
  readonly place: Nested | Emulated | null;
  /** What its SMMU may still hold of its stream table entry. */
  readonly held: Held;
  /** What the guest did with its vectors, ascending; those it never touched are absent. */
  readonly vectors: readonly GuestVector[];
  /** The port whose bus it is on; null: one of its own, which comes and goes with it. */
  readonly port: string | null;
}

/**
 * What an SMMU may have cached of a stream's entry beside what is in memory: the truth that a guest can rely on, whatever
 * its VMM has read (IHI0070 3.21.3). Entries are words or `missing` or `abort`, as they are found.
 */
export interface Held {
  /** Whether the entry may have been fetched since it was last invalidated. */
  readonly fetched: boolean;
  /** Earlier entries that may be cached. */
  readonly old: readonly SteFound[];
  /** Those of them that a CFGI command has invalidated, until a SYNC completes it. */
  readonly going: readonly SteFound[];
}

export const NOTHING_HELD: Held = Object.freeze({
  fetched: false,
  old: Object.freeze([]),
  going: Object.freeze([]),
});

/** A vector of a device as its guest sees it. */
export interface GuestVector {
  readonly vector: number;
  /** Null: not written (and of no meaning for INTx). */
  readonly address: bigint | null;
  readonly value: number;
  readonly on: boolean;
}

/** The pSMMU walks the guest's tables. */
export interface Nested {
  readonly kind: 'nested';
  /** Which of the vSMMU's backings it is on, by its vIOMMU. */
  readonly viommu: number;
  readonly vdevice: number | null;
  /** The HWPT of its STE, where that has stage 1. */
  readonly hwpt: number | null;
}

/** The VMM walks the guest's tables and copies what they map into an IOAS of the device's own. */
export interface Emulated {
  readonly kind: 'emulated';
  readonly shadow: number;
}

/** What the host tells of a physical IOMMU: its name in sysfs, and IOMMU_GET_HW_INFO. */
export interface HostIommu {
  readonly name: string;
  /** Null where it is no SMMUv3. */
  readonly registers: IdRegisterValues | null;
}

/** GBPA after reset: bypass, with incoming shareability (SHCFG = 1). */
export const GBPA_RESET = 0x1000;

/** Where RAM begins if nothing is said of it: the first IPA of RAM on QEMU's `virt` machine. */
export const RAM_BASE = 0x4000_0000n;

function idleVsmmu(ram: readonly Pick<PageRange, 'start'>[], index: number): Vsmmu {
  return {
    registers: null,
    cr0: 0,
    gbpa: GBPA_RESET,
    control: firstControl(ram, index),
    backings: [],
    devices: [],
    pinned: null,
    named: [],
    buses: [],
  };
}

/** A machine that is switched off, with nothing plugged. */
export function newVm({ vm, vsmmus, ram }: VmHardware): Vm {
  const slots: readonly Pick<PageRange, 'start'>[] = ram ?? [{ start: RAM_BASE }];
  return {
    name: vm,
    host: 0,
    running: false,
    iommufds: [],
    memory: NO_MEMORY,
    rmr: [],
    vsmmus: vsmmus.map((_, index) => idleVsmmu(slots, index)),
  };
}

/** What the operator said of a vSMMU. */
export function propertiesOf(platform: Platform, vm: string, vsmmu: number): VsmmuProperties {
  const hardware = platform.vmHardware?.find((each) => each.vm === vm);
  return hardware?.vsmmus[vsmmu] as VsmmuProperties;
}
