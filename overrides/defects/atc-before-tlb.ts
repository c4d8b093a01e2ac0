import type { Override } from '../../model/rules.ts';

export const atcBeforeTlb: Override = {
  name: 'atc-before-tlb',
  kind: 'defect',
  summary: 'an unmap invalidates the ATC before the TLB, from which the device can fill it again',
  source:
    'IHI0070 3.9.1; the order that arm_smmu_invs_end_batch() keeps: TLBI, SYNC, ATC_INV. No released kernel is known to have had it otherwise',
  foundBy: 'dma-stays-in-ioas',
  rules: { smmuMachine: { atcAfterTlb: false } },
};
