import { type AccessRules, accessesIntended } from './accesses/rules.ts';
import { type ProbeRules, probeIntended } from './host/rules.ts';
import { type IommufdRules, iommufdIntended } from './iommufd/rules.ts';
import { type LegacyRules, legacyIntended } from './legacy/rules.ts';
import { type MsiRules, msiIntended } from './msi/rules.ts';
import { type PageRequestRules, pageRequestsIntended } from './page-requests/rules.ts';
import { intendedPasids, type PasidRules } from './pasid/rules.ts';
import { type ArchitectureRules, architecture } from './smmu/architecture/rules.ts';
import { type DriverRules, linuxDriver } from './smmu/driver/rules.ts';
import { intendedMachine, type MachineRules } from './smmu/machine/rules.ts';
import { type VmmRules, vmmIntended } from './vmm/rules.ts';
import { type VtdRules, vtdIntended } from './vtd/rules.ts';

/**
 * The decision points: every place where designs disagree, where a real system departs from its documented
 * interface, or where a real bug was. Each is a named pure function; `intended` is what the documentation and the
 * architecture promise. Designs, deviations and defects override some of them and nothing else.
 */
export interface Rules
  extends ArchitectureRules,
    DriverRules,
    MachineRules,
    IommufdRules,
    VmmRules,
    PageRequestRules,
    PasidRules,
    MsiRules,
    VtdRules,
    LegacyRules,
    AccessRules,
    ProbeRules {
  // IOVA space
  /** Rounds an IOVA up to a power of two; null where that leaves the address space. */
  alignIova(start: bigint, alignment: bigint): bigint | null;
  /** Whether a group stays on its domains while one of its devices is being reset. */
  resetHoldsDomain(): boolean;
  /** Whether a range that areas or allowed ranges use can be refused to whoever wants to reserve it. */
  reserveChecksUse(): boolean;

  // object table
  /** Whether a tombstone's id may be given to another object. */
  tombstoneIsFree(): boolean;
  /** Whether unbinding a device takes its vDEVICE with it. */
  unbindDestroysVdevice(): boolean;

  // ownership, attachments, groups
  /** Whether another context may bind a device of a group that has an owner. */
  groupOwnerIsExclusive(): boolean;
  /** Whether the other devices of a group must be attached to what the first was attached to. */
  groupSharesHwpt(): boolean;
  /** Whether a failed replace takes the device's reserved ranges out of the IOAS that it asked for. */
  failedReplaceUnreserves(sameIoas: boolean): boolean;
  /** Whether HWPTs of requests with and without PASID must be made for each other (IOMMU_HWPT_ALLOC_PASID). */
  pasidNeedsCompat(): boolean;
  /** Whether a PASID that a later member of the group refuses is taken back from those before it. */
  failedGroupPasidIsUndone(): boolean;
  /** What becomes of an attach whose answer cannot be written: it is undone, or the device's RID is detached. */
  failedAttachAnswer(): 'undone' | 'ridDetached';
  /** Whether PASID 0 of an attach by PASID is taken for requests without PASID. */
  pasidZeroIsRid(): boolean;
  /** Whether a detach gives the HWPT its reference back. */
  detachReturnsReference(): boolean;

  // vIOMMU, vDEVICE
  /** Whether reserved fields of IOMMU_VIOMMU_ALLOC must be zero. */
  viommuAllocChecksReserved(): boolean;
  /** Whether a vIOMMU has a TLB tag of its own, or that of its nesting parent. */
  vsmmuOwnsVmid(): boolean;
  /** Whether a vDEVICE's device must be behind the vIOMMU's pSMMU. */
  vdeviceChecksIommu(): boolean;
  /** Whether a virtual StreamID may be given out once only per vIOMMU. */
  virtIdIsUnique(): boolean;
  /** Whether a virtual StreamID must fit the 32 bits that commands and events have for it. */
  virtIdFitsStreamId(): boolean;
  /** Whether a device whose DMA a guest can make incoherent is kept from guests' stage 1. */
  nestedDeviceIsCoherent(): boolean;
  /** Whether attaching a nested domain with this STE.Config needs the device's vDEVICE. */
  nestedAttachNeedsVdevice(config: 'abort' | 'bypass' | 's1Translate'): boolean;

  // invalidation
  /** Whether an array of no entries is a legal probe for the data type. */
  emptyInvalidationIsProbe(): boolean;
  /** Whether commands already converted are still issued when a later one of the array is bad. */
  issuesBeforeConversionError(): boolean;
  /** Whether a guest's command with reserved bits or SSec set is refused before it comes to the pSMMU. */
  refusesReservedCommandBits(): boolean;
  /** Whether a guest's TLBI reaches the pSMMU under the VMID of its vSMMU. */
  tlbiCarriesVmid(): boolean;
  /** Whether a guest's TLBI_NSNH_ALL takes the translations of its own VMID only. */
  nsnhAllIsConfined(): boolean;

  // event queues
  /** Whether an event lost to a full queue leaves a header that says so. */
  veventqRecordsLoss(): boolean;
  /** Whether reading that header takes one off the count of waiting events. */
  lostHeaderCountsAsEvent(): boolean;
  /** Whether an event that stage 2 caused is kept from the guest. */
  stage2FaultsStayWithHost(): boolean;
}

/** What the interface's documentation and the architecture promise. */
export const intended: Rules = Object.freeze({
  ...architecture,
  ...linuxDriver,
  ...vmmIntended,
  ...intendedMachine,
  ...iommufdIntended,
  ...intendedPasids,
  ...msiIntended,
  ...vtdIntended,
  ...pageRequestsIntended,
  ...legacyIntended,
  ...accessesIntended,
  ...probeIntended,
  alignIova: (start, alignment) => {
    const aligned = (start + alignment - 1n) & -alignment;
    return aligned > 0xffff_ffff_ffff_ffffn ? null : aligned;
  },
  resetHoldsDomain: () => true,
  reserveChecksUse: () => true,
  tombstoneIsFree: () => false,
  unbindDestroysVdevice: () => true,
  groupOwnerIsExclusive: () => true,
  groupSharesHwpt: () => true,
  failedReplaceUnreserves: (sameIoas) => !sameIoas,
  pasidNeedsCompat: () => true,
  failedGroupPasidIsUndone: () => true,
  failedAttachAnswer: () => 'undone',
  pasidZeroIsRid: () => false,
  detachReturnsReference: () => true,
  viommuAllocChecksReserved: () => true,
  vsmmuOwnsVmid: () => true,
  vdeviceChecksIommu: () => true,
  virtIdIsUnique: () => true,
  virtIdFitsStreamId: () => true,
  nestedDeviceIsCoherent: () => true,
  nestedAttachNeedsVdevice: (config) => config === 's1Translate',
  emptyInvalidationIsProbe: () => true,
  issuesBeforeConversionError: () => true,
  refusesReservedCommandBits: () => true,
  tlbiCarriesVmid: () => true,
  nsnhAllIsConfined: () => true,
  veventqRecordsLoss: () => true,
  lostHeaderCountsAsEvent: () => false,
  stage2FaultsStayWithHost: () => true,
} satisfies Rules);

/** A named, documented change of the rules. */
export interface Override {
  /** kebab-case, unique over all overrides. */
  readonly name: string;
  readonly kind: 'design' | 'deviation' | 'defect' | 'mutant';
  /** One sentence: what is different. */
  readonly summary: string;
  /** Where this comes from: a thread, a commit, a recording, a section of a document. */
  readonly source: string;
  /** A defect's: the property that must find it. */
  readonly foundBy?: string;
  readonly rules: Partial<Rules>;
}

/** The intended rules with overrides on top; later ones win. */
export function composeRules(overrides: readonly Override[]): Rules {
  return Object.assign({}, intended, ...overrides.map((override) => override.rules)) as Rules;
}
