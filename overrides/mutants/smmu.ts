import { table } from '../table.ts';

/** What the driver writes and invalidates, each step of it left out or put in the wrong place. */
export const SMMU_MUTANTS = table({
  'cd-without-cfgi': {
    kind: 'mutant',
    summary: 'a CD that the driver has written is not followed by CFGI_CD',
    source: 'arm_smmu_write_cd_entry(); breaks teardown-returns-everything',
    rules: { smmuDriver: { invalidatesCd: false } },
  },
  'ste-before-cd': {
    kind: 'mutant',
    summary:
      'an STE is written before the CD that it points to, and the CD is cleared while the STE still points to it',
    source: 'arm_smmu_attach_dev() writes the CD first; breaks dma-between-writes-is-old-or-new',
    rules: { smmuDriver: { cdPrecedesSte: false } },
  },
  's1-unmap-wrong-asid': {
    kind: 'mutant',
    summary: 'an unmap of a stage-1 domain invalidates another ASID than that of its translations',
    source: 'arm_smmu_domain_inv_range(); breaks dma-stays-in-ioas',
    rules: { smmuDriver: { unmapInvalidatesAsid: (asid) => asid + 1 } },
  },
  /** What iommu/vt-d had: a flush of the nesting parent's domain ID, where what is nested on it has another (Fixes b41e38e22539). */
  'unmap-misses-nested-tags': {
    kind: 'mutant',
    summary: 'an unmap of a nesting parent invalidates only its own VMID, not those of the vSMMUs on it',
    source:
      'the array of invalidations of a domain has every VMID that it is cached under (arm_smmu_domain_inv_range()); breaks dma-stays-in-ioas',
    rules: { smmuDriver: { unmapReachesNestedTags: false } },
  },
  /** Until the first has completed, stage 2 fills the TLB with what the second takes away. */
  'stages-without-sync': {
    kind: 'mutant',
    summary: 'an unmap of a nesting parent issues TLBI_S2_IPA and TLBI_NH_ALL without a SYNC in between',
    source: 'arm_smmu_invs_end_batch(); breaks dma-stays-in-ioas',
    rules: { smmuDriver: { syncsBetweenStages: false } },
  },
  'tag-never-flushed': {
    kind: 'mutant',
    summary: 'an ASID or VMID is given out again without having been flushed',
    source: 'breaks unmapped-is-unreachable',
    rules: { smmuDriver: { unusedTagIsFlushed: false } },
  },
  /** The flush is there and in the wrong place: DMA goes on until the entries have changed, and fills the TLB anew. */
  'tag-flushed-first': {
    kind: 'mutant',
    summary: 'an ASID or VMID is flushed while streams still use it',
    source: 'breaks teardown-returns-everything',
    rules: { smmuDriver: { tagIsFlushedLast: false } },
  },
  'atc-before-entry': {
    kind: 'mutant',
    summary: 'a detach invalidates the ATC before it changes the STE, so the device can refill its ATC',
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
    summary: 'a pSMMU is reset without CFGI_ALL and TLBI_NSNH_ALL',
    source: 'arm_smmu_device_reset() issues both; breaks reset-empties-caches',
    rules: { smmuMachine: { resetEmptiesCaches: false } },
  },
});
