import type { MsiMessage, MsiTold } from './msi-message.ts';

declare module '../world/world.ts' {
  interface World {
    /** Parallel to `platform.devices`. */
    readonly devices: readonly DeviceState[];
    /** IOMMU groups by group number; absent numbers are null. */
    readonly groups: readonly (GroupState | null)[];
  }
}

/** What changes about a physical device outside the iommufd contexts. */
export interface DeviceState {
  /** Whether an open file of it has been bound; the cdev allows only one. */
  readonly opened: boolean;
  /** By MSI vector that user space has enabled: what the host programmed it with; null: it is masked. */
  readonly messages: readonly (MsiMessage | null)[];
  /** What the kernel was told of them beforehand; null: nothing. */
  readonly told: MsiTold | null;
  /**
   * The guest address that its driver reports events under, taken when a nested domain was attached (struct
   * arm_smmu_vmaster): a later change of the vDEVICE does not reach it.
   */
  readonly vmaster: Vmaster | null;
  /** What its driver has put into its PASID table for requests with a PASID, ascending by PASID. */
  readonly pasidTable: readonly PasidDomain[];
  /** PASIDs that VFIO has attached for its user (struct vfio_device), ascending. */
  readonly pasids: readonly number[];
  /** Whether the host is resetting it. */
  readonly resetting: boolean;
  /** Interrupts other than messages that user space has switched on; left out where there are none. */
  readonly lines?: DeviceLines;
  /** Events of its ITS that nothing can use any more; left out where there are none. */
  readonly lostEvents?: number;
  /** Whether its user has let it sleep (VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY); absent: no. */
  readonly asleep?: true;
}

/** What user space has switched on of a device's interrupts other than messages. Absent in `DeviceState`: nothing. */
export interface DeviceLines {
  /** INTx is the device's kind of interrupt: MSI cannot be switched on beside it. */
  readonly intx: boolean;
  /** An eventfd unmasks INTx. */
  readonly unmasks: boolean;
  readonly err: boolean;
  readonly req: boolean;
}

export interface Vmaster {
  readonly ctx: number;
  readonly viommu: number;
  readonly vsid: bigint;
}

/** struct iommu_group: who owns its DMA, and which domain it is on. */
export interface GroupState {
  /** The context that claimed it; null while the kernel has it. */
  readonly owner: number | null;
  /** Devices bound. */
  readonly owners: number;
  readonly domain: GroupDomain;
  /** The domains of requests with a PASID (group->pasid_array), ascending by PASID. */
  readonly pasids: readonly PasidDomain[];
}

/** The HWPT that translates requests that carry a PASID. */
export interface PasidDomain {
  readonly pasid: number;
  readonly ctx: number;
  readonly hwpt: number;
}

export type GroupDomain =
  /** The kernel's own domain (no VFIO user). */
  | { readonly kind: 'default' }
  /** Owned, and nothing attached. */
  | { readonly kind: 'blocked' }
  | { readonly kind: 'hwpt'; readonly ctx: number; readonly hwpt: number };

export const DEFAULT_DOMAIN: GroupDomain = Object.freeze({ kind: 'default' });
export const BLOCKED_DOMAIN: GroupDomain = Object.freeze({ kind: 'blocked' });

const NO_PASIDS = Object.freeze([]);

export const IDLE_DEVICE: DeviceState = Object.freeze({
  opened: false,
  messages: Object.freeze([]),
  told: null,
  vmaster: null,
  pasidTable: NO_PASIDS,
  pasids: NO_PASIDS,
  resetting: false,
});
export const IDLE_GROUP: GroupState = Object.freeze({
  owner: null,
  owners: 0,
  domain: DEFAULT_DOMAIN,
  pasids: NO_PASIDS,
});

/** The device's state with another guest address to report events under. Written out: model/world/copy.ts says why. */
export function withVmaster(
  { opened, messages, told, pasidTable, pasids, resetting, lines, lostEvents, asleep }: DeviceState,
  vmaster: Vmaster | null,
): DeviceState {
  const state = { opened, messages, told, vmaster, pasidTable, pasids, resetting, ...lost(lostEvents) };
  if (lines === undefined && asleep === undefined) return state;
  return { ...state, ...(lines === undefined ? {} : { lines }), ...(asleep === undefined ? {} : { asleep }) };
}

/** What no user of a device gives back. */
export function lost(events: number | undefined): Pick<DeviceState, 'lostEvents'> {
  return events === undefined ? {} : { lostEvents: events };
}

export function withDomain({ owner, owners, pasids }: GroupState, domain: GroupDomain): GroupState {
  return { owner, owners, domain, pasids };
}
