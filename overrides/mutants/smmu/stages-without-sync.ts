import type { Override } from '../../../model/rules.ts';

/** Until the first has completed, stage 2 fills the TLB with what the second takes away. */
export const stagesWithoutSync: Override = {
  name: 'stages-without-sync',
  kind: 'mutant',
  summary: 'an unmap of a nesting parent has no SYNC between TLBI_S2_IPA and TLBI_NH_ALL',
  source: 'arm_smmu_invs_end_batch(); breaks dma-stays-in-ioas',
  rules: { smmuDriver: { syncsBetweenStages: false } },
};
