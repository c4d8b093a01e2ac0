import type { Words } from '../../world/command.ts';
import { type Declarations, decision, flag, intendedOf, type RulesOf } from '../../world/declare.ts';
import { updateEntry } from './entry-update.ts';
import { STE_FORMAT } from './ste-format.ts';

/** 1 << (ilog2(granule) - 3): as many as a table has entries. */
const MOST_PAGES = 512n;

/** Linux's arm-smmu-v3. */
declare module '../../world/rules.ts' {
  interface Rules {
    readonly smmuDriver: SmmuDriverRules;
  }
}

/**
 * What the driver writes and flushes, and when. Each is a decision point: leaving one out lets DMA use what it must not.
 */
export const smmuDriverPoints = {
  steUpdate: decision<(current: Words, target: Words) => readonly Words[]>(
    'The values that an STE takes, one after the other, in an update.',
    '(current: Words, target: Words) => readonly Words[]',
    (current, target) => updateEntry(current, target, STE_FORMAT),
  ),
  stage2StallsIfItMust: flag('Whether a stage-2 STE asks for stalls where the SMMU requires them.', true),
  invalidatesSte: flag('Whether a changed STE is followed by CFGI_STE and SYNC.', true),
  groupIsInvalidatedAsRange: flag(
    'Whether STEs of a group are invalidated by one CFGI_STE_RANGE over all its StreamIDs.',
    false,
  ),
  invalidatesCd: flag('Whether a changed CD is followed by CFGI_CD and SYNC.', true),
  unmapInvalidatesVirtual: flag(
    'Whether an unmap of a stage-1 domain is followed by TLBI_NH_VA for the range.',
    true,
  ),
  unmapInvalidatesAsid: decision<(asid: number) => number>(
    "The ASID that an unmap of a stage-1 domain invalidates, given the domain's own.",
    '(asid: number) => number',
    (asid) => asid,
  ),
  rangeNamesLevel: flag(
    'Whether a range invalidation has the level of the leaves in TTL; a range of one page without it is an illegal command.',
    true,
  ),
  unmapInvalidatesIntermediate: flag(
    'Whether an unmap of a stage-2 domain is followed by TLBI_S2_IPA for the range.',
    true,
  ),
  unmapClearsNested: flag(
    'Whether an unmap of a nesting parent is also followed by TLBI_NH_ALL, since nested translations survive TLBI_S2_IPA.',
    true,
  ),
  isTooManyPages: decision<(pages: bigint) => boolean>(
    'Whether so many pages are too many to be invalidated one by one, so that the whole tag is: the commands of one call are bounded (arm_smmu_inv_size_too_big(), for an SMMU without range invalidation).',
    '(pages: bigint) => boolean',
    (pages) => pages >= MOST_PAGES,
  ),
  syncsBetweenStages: flag(
    'Whether there is a SYNC between TLBI_S2_IPA and TLBI_NH_ALL: until it completes, stage 2 may refill the TLB.',
    true,
  ),
  unmapReachesNestedTags: flag(
    'Whether an unmap of a nesting parent also invalidates the VMIDs of the vSMMUs on it.',
    true,
  ),
  tablesPrecedeEntries: flag(
    'Whether what was stored in the tables of a domain is ordered before an entry that names them is written (dma_wmb()).',
    true,
  ),
  cdPrecedesSte: flag(
    'Whether a CD is written before the STE that points to it, and cleared after the last such STE.',
    true,
  ),
  unusedTagIsFlushed: flag(
    'Whether an ASID or VMID is flushed when the last stream that used it is gone: no later unmap would do it.',
    true,
  ),
  tagIsFlushedLast: flag(
    'Whether an ASID or VMID is flushed after its streams have left it: before that, their DMA refills the TLB.',
    true,
  ),

  virtIdFitsStreamId: flag(
    'Whether a virtual StreamID must fit the 32 bits that commands and events have for it.',
    true,
  ),
  nestedDeviceIsCoherent: flag(
    "Whether a device whose DMA a guest can make incoherent is kept from guests' stage 1.",
    true,
  ),
  refusesReservedCommandBits: flag(
    "Whether a guest's command with reserved bits or SSec set is refused before it reaches the pSMMU.",
    true,
  ),
  tlbiCarriesVmid: flag("Whether a guest's TLBI reaches the pSMMU with the VMID of its vSMMU.", true),
  nsnhAllIsConfined: flag("Whether a guest's TLBI_NSNH_ALL invalidates only its own VMID.", true),
  stage2FaultsStayWithHost: flag('Whether an event that stage 2 caused is kept from the guest.', true),
} satisfies Declarations;

export type SmmuDriverRules = RulesOf<typeof smmuDriverPoints>;

export const smmuDriverIntended: SmmuDriverRules = intendedOf(smmuDriverPoints);
