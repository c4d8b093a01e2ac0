import type { Override } from '../../../model/rules.ts';
import { guestSteMask } from '../../../spec/smmuv3/ste.ts';

/** The words are masked before IOMMU_HWPT_ALLOC sees them: a bit that makes an STE illegal makes no difference. */
export const illegalSteBitsDropped: Override = {
  name: 'illegal-ste-bits-dropped',
  kind: 'deviation',
  summary: "bits of a guest's STE that are not the guest's are dropped instead of making it illegal",
  source: 'QEMU hw/arm/smmuv3-accel.c: STE0_MASK, STE1_MASK',
  rules: { vmm: { steForKernel: (words) => words.map((word, index) => word & (guestSteMask[index] ?? 0n)) } },
};
