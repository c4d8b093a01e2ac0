import { table } from '../table.ts';

/** What the driver writes and invalidates, each step of it left out or put in the wrong place. */
export const SMMU_MUTANTS = table({
  'cd-without-cfgi': {
    kind: 'mutant',
    summary: "a CD of the driver's own that was written is not followed by CFGI_CD",
    source: 'arm_smmu_write_cd_entry(); breaks teardown-returns-everything',
    rules: { smmuDriver: { invalidatesCd: false } },
  },
  'ste-before-cd': {
    kind: 'mutant',
    summary: 'an STE is written before the CD that it leads to, and that is cleared while it still does',
    source: 'arm_smmu_attach_dev() writes the CD first; breaks dma-between-writes-is-old-or-new',
    rules: { smmuDriver: { cdPrecedesSte: false } },
  },
  's1-unmap-wrong-asid': {
    kind: 'mutant',
    summary: 'an unmap of a stage-1 domain invalidates another ASID than the one that it is cached under',
    source: 'arm_smmu_domain_inv_range(); breaks dma-stays-in-ioas',
    rules: { smmuDriver: { unmapInvalidatesAsid: (asid) => asid + 1 } },
  },
  /** What iommu/vt-d had: a flush of the nesting parent's domain ID, where what is nested on it has another (Fixes b41e38e22539). */
  'unmap-misses-nested-tags': {
    kind: 'mutant',
    summary:
      'an unmap of a nesting parent invalidates its own VMID only, and not those of the vSMMUs over it',
    source:
      'the array of invalidations of a domain has every VMID that it is cached under (arm_smmu_domain_inv_range()); breaks dma-stays-in-ioas',
    rules: { smmuDriver: { unmapReachesNestedTags: false } },
  },
  /** Until the first has completed, stage 2 fills the TLB with what the second takes away. */
  'stages-without-sync': {
    kind: 'mutant',
    summary: 'an unmap of a nesting parent has no SYNC between TLBI_S2_IPA and TLBI_NH_ALL',
    source: 'arm_smmu_invs_end_batch(); breaks dma-stays-in-ioas',
    rules: { smmuDriver: { syncsBetweenStages: false } },
  },
  'tag-never-flushed': {
    kind: 'mutant',
    summary: 'an ASID or VMID that no stream uses any longer is not flushed, and is given out again',
    source: 'breaks unmapped-is-unreachable',
    rules: { smmuDriver: { unusedTagIsFlushed: false } },
  },
  /** The flush is there and in the wrong place: DMA goes on until the entries have changed, and fills the TLB anew. */
  'tag-flushed-first': {
    kind: 'mutant',
    summary: 'the tag that streams leave is flushed while they still use it',
    source: 'breaks teardown-returns-everything',
    rules: { smmuDriver: { tagIsFlushedLast: false } },
  },
  'atc-before-entry': {
    kind: 'mutant',
    summary: 'on a detach the ATC is invalidated before the STE that lets the device fill it has changed',
    source: 'IHI0070 3.9.1; arm_smmu_attach_commit(); breaks ats-off-leaves-no-atc',
    rules: { smmuMachine: { atcAfterEntry: false } },
  },
  'guest-commands-unsynced': {
    kind: 'mutant',
    summary: "a guest's invalidations are reported as handled before a SYNC has completed them",
    source: 'arm_smmu_cmdq_issue_cmdlist() with sync; breaks after-invalidation-nothing-stale',
    rules: { smmuMachine: { guestCommandsAreSynced: false } },
  },
  'reset-keeps-caches': {
    kind: 'mutant',
    summary: 'a pSMMU is set up anew without CFGI_ALL and TLBI_NSNH_ALL',
    source: 'arm_smmu_device_reset() issues both; breaks reset-empties-caches',
    rules: { smmuMachine: { resetEmptiesCaches: false } },
  },
});
