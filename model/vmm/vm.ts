import type { IdRegisterValues } from '../../spec/smmuv3/id-registers.ts';
import type { VsmmuProperties } from '../../spec/vsmmu/registers.ts';
import type { PageRange, Platform, VmHardware } from '../platform/platform.ts';
import type { Words } from '../world/command.ts';

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
  /** Open while a device is plugged. */
  readonly iommufd: VmIommufd | null;
  /** What its IORT had the guest map one to one when it was started (RMR nodes). */
  readonly rmr: readonly PageRange[];
  /** Parallel to those of its `VmHardware`. */
  readonly vsmmus: readonly Vsmmu[];
}

/** The VMM's /dev/iommu, and the IOAS with the guest's memory. */
export interface VmIommufd {
  readonly fd: number;
  readonly ioas: number;
}

export interface Vsmmu {
  /** What the guest reads; null until the VM has booted, then never changed. */
  readonly registers: IdRegisterValues | null;
  readonly cr0: number;
  readonly gbpa: number;
  /** The guest's stream table, by virtual StreamID; entries never written are all zero. */
  readonly stes: readonly GuestSte[];
  /** Its parts of a pSMMU, while a device behind it is nested: one, unless doorbells split the guest's memory. */
  readonly backings: readonly Backing[];
  /** In the order of plugging. */
  readonly devices: readonly PluggedDevice[];
  /** Event records that the VMM itself made and the guest has not read. */
  readonly events: readonly Words[];
}

export interface GuestSte {
  readonly vsid: number;
  /** As it is in guest memory: the two words that a guest owns. */
  readonly memory: Words;
  /** As the vSMMU last read it; null: not since it was reset. */
  readonly read: Words | null;
}

/** The kernel's objects behind a vSMMU (ids in the VM's iommufd context). */
export interface Backing {
  readonly parent: number;
  readonly viommu: number;
  /** Nested HWPTs that stand for "no traffic" and "stage 2 only". */
  readonly abort: number;
  readonly bypass: number;
  readonly veventq: { readonly id: number; readonly fd: number };
}

export interface PluggedDevice {
  /** Its id on the platform. */
  readonly device: string;
  /** Its virtual StreamID. */
  readonly vsid: number;
  readonly fd: number;
  /** Its DEVICE object. */
  readonly devId: number;
  /** The physical IOMMU in front of it, as the kernel told at plug. */
  readonly iommu: HostIommu;
  /** How the guest's stage 1 reaches it; null before it is put anywhere. */
  readonly place: Nested | Emulated | null;
  /** What the guest did with its vectors, ascending; those it never touched are absent. */
  readonly vectors: readonly GuestVector[];
}

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

const IDLE_VSMMU: Vsmmu = Object.freeze({
  registers: null,
  cr0: 0,
  gbpa: GBPA_RESET,
  stes: Object.freeze([]),
  backings: Object.freeze([]),
  devices: Object.freeze([]),
  events: Object.freeze([]),
});

/** A machine that is switched off, with nothing plugged. */
export function newVm({ vm, vsmmus }: VmHardware): Vm {
  return { name: vm, host: 0, running: false, iommufd: null, rmr: [], vsmmus: vsmmus.map(() => IDLE_VSMMU) };
}

/** What the operator said of a vSMMU. */
export function propertiesOf(platform: Platform, vm: string, vsmmu: number): VsmmuProperties {
  const hardware = platform.vmHardware?.find((each) => each.vm === vm);
  return hardware?.vsmmus[vsmmu] as VsmmuProperties;
}
