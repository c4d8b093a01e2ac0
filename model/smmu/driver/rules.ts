import type { Words } from '../../world/command.ts';
import { updateEntry } from './entry-update.ts';
import { STE_FORMAT } from './ste-format.ts';

/**
 * What the driver writes and flushes, and when. Each is a decision point: leaving one out lets DMA use what it must not.
 */
export interface SmmuDriverRules {
  /** The values that an STE takes one after the other on its way to another. */
  readonly steUpdate: (current: Words, target: Words) => readonly Words[];
  /** Whether a stage-2 entry says that its faults stall where every stage must. */
  readonly stage2StallsIfItMust: boolean;
  /** Whether a changed STE is followed by CFGI_STE and SYNC. */
  readonly invalidatesSte: boolean;
  /** Whether that is CFGI_STE_RANGE over all StreamIDs of the group. */
  readonly groupIsInvalidatedAsRange: boolean;
  /** Whether a changed CD is followed by CFGI_CD and SYNC. */
  readonly invalidatesCd: boolean;
  /** Whether an unmap of a stage-1 domain is followed by TLBI_NH_VA for what it took away. */
  readonly unmapInvalidatesVirtual: boolean;
  /** The ASID that an unmap of a stage-1 domain invalidates, given the domain's. */
  readonly unmapInvalidatesAsid: (asid: number) => number;
  /** Whether an unmap of a stage-2 domain is followed by TLBI_S2_IPA for what it took away. */
  readonly unmapInvalidatesIntermediate: boolean;
  /** Whether an unmap of a nesting parent is also followed by TLBI_NH_ALL: nested translations survive TLBI_S2_IPA. */
  readonly unmapClearsNested: boolean;
  /**
   * Whether so many pages are too many to be invalidated one by one, so that everything under the tag is: the commands of
   * one call are bounded (arm_smmu_inv_size_too_big(), for an SMMU without range invalidation).
   */
  readonly isTooManyPages: (pages: bigint) => boolean;
  /** Whether these two have a SYNC between them: until then stage 2 may fill the TLB with what TLBI_NH_ALL takes away. */
  readonly syncsBetweenStages: boolean;
  /** Whether an unmap of a nesting parent reaches the VMIDs of the vSMMUs over it, which are not the parent's own. */
  readonly unmapReachesNestedTags: boolean;
  /** Whether a CD is written before the STE that leads to it, and cleared after the last one that did. */
  readonly cdPrecedesSte: boolean;
  /** Whether an ASID or VMID that no stream uses any longer is flushed: no later unmap would do it. */
  readonly unusedTagIsFlushed: boolean;
  /** Whether that comes after the streams have left it: before, their DMA fills the TLB anew. */
  readonly tagIsFlushedLast: boolean;

  /** Whether a virtual StreamID must fit the 32 bits that commands and events have for it. */
  readonly virtIdFitsStreamId: boolean;
  /** Whether a device whose DMA a guest can make incoherent is kept from guests' stage 1. */
  readonly nestedDeviceIsCoherent: boolean;
  /** Whether a guest's command with reserved bits or SSec set is refused before it comes to the pSMMU. */
  readonly refusesReservedCommandBits: boolean;
  /** Whether a guest's TLBI reaches the pSMMU under the VMID of its vSMMU. */
  readonly tlbiCarriesVmid: boolean;
  /** Whether a guest's TLBI_NSNH_ALL takes the translations of its own VMID only. */
  readonly nsnhAllIsConfined: boolean;
  /** Whether an event that stage 2 caused is kept from the guest. */
  readonly stage2FaultsStayWithHost: boolean;
}

/** 1 << (ilog2(granule) - 3): as many as a table has entries. */
const MOST_PAGES = 512n;

/** Linux's arm-smmu-v3. */
declare module '../../world/rules.ts' {
  interface Rules {
    readonly smmuDriver: SmmuDriverRules;
  }
}

export const smmuDriverIntended: SmmuDriverRules = Object.freeze({
  steUpdate: (current, target) => updateEntry(current, target, STE_FORMAT),
  stage2StallsIfItMust: true,
  invalidatesSte: true,
  groupIsInvalidatedAsRange: false,
  invalidatesCd: true,
  unmapInvalidatesVirtual: true,
  unmapInvalidatesAsid: (asid) => asid,
  unmapInvalidatesIntermediate: true,
  unmapClearsNested: true,
  isTooManyPages: (pages) => pages >= MOST_PAGES,
  syncsBetweenStages: true,
  unmapReachesNestedTags: true,
  cdPrecedesSte: true,
  unusedTagIsFlushed: true,
  tagIsFlushedLast: true,
  virtIdFitsStreamId: true,
  nestedDeviceIsCoherent: true,
  refusesReservedCommandBits: true,
  tlbiCarriesVmid: true,
  nsnhAllIsConfined: true,
  stage2FaultsStayWithHost: true,
} satisfies SmmuDriverRules);
