import type { DeviceState, GroupState } from '../host/device.ts';
import type { SmmuState } from '../host/iommu.ts';
import type { Context } from '../iommufd/context.ts';
import type { PageRequests } from '../iommufd/faults/waiting.ts';
import type { Pins } from '../iommufd/pins.ts';
import type { LegacyMachine } from '../legacy/machine.ts';
import type { PasidMachine } from '../pasid/machine.ts';
import type { Platform } from '../platform/platform.ts';
import type { Emulated } from '../smmu/emulated/emulated.ts';
import type { Machine } from '../smmu/machine/machine.ts';
import type { Vm } from '../vmm/vm.ts';
import type { VtdMachine } from '../vtd/machine/machine.ts';
import type { Actor } from './command.ts';
import type { File, Process } from './process.ts';

/**
 * Everything that can change, and the platform it stands on. Plain immutable data: records, arrays, numbers,
 * bigints, strings, null. Equal worlds have equal canonical encodings.
 */
export interface World {
  readonly platform: Platform;
  /** By actor (`vmm:<vm>`). */
  readonly processes: Readonly<Record<Actor, Process>>;
  /** Open file descriptions; a free slot is null. Descriptors and mappings hold indices. */
  readonly files: readonly (File | null)[];
  /** iommufd contexts, one per open of /dev/iommu; a free slot is null. */
  readonly contexts: readonly (Context | null)[];
  /** Parallel to `platform.devices`. */
  readonly devices: readonly DeviceState[];
  /** IOMMU groups by group number; absent numbers are null. */
  readonly groups: readonly (GroupState | null)[];
  /** Parallel to `platform.smmus`. */
  readonly smmus: readonly SmmuState[];
  /** Parallel to `platform.vmHardware`. */
  readonly vms: readonly Vm[];
  /** Null where the platform follows no caches. */
  readonly machine: Machine | null;
  /** The same of VT-d units; null where the platform has none of them whose caches are followed. */
  readonly vtd: VtdMachine | null;
  /** Null where the platform has no devices with PASIDs. */
  readonly pasids: PasidMachine | null;
  /** Null where the platform has no emulated SMMUv3. */
  readonly emulated: Emulated | null;
  /** Null where the platform has no old containers. */
  readonly legacy: LegacyMachine | null;
  /** Null where no device makes page requests. */
  readonly pageRequests: PageRequests | null;
  /** Null where no device is mediated. */
  readonly pins: Pins | null;
}
