import type { Override } from '../../../model/rules.ts';

/**
 * A vSMMU takes the VMID of its nesting parent. Two vSMMUs on one parent share it, and equal ASIDs of their guests
 * then alias in the pSMMU's TLB. Reproduced with DMA: the second vSMMU's device wrote into the first one's page.
 */
export const vsmmusShareVmid: Override = {
  name: 'vsmmus-share-vmid',
  kind: 'deviation',
  summary: 'vSMMUs on one nesting parent have one VMID',
  source: 'Linux 7.2.13 arm_vsmmu_init(); recording smmuv3-findings, section F-6',
  rules: { iommufd: { vsmmuOwnsVmid: false } },
};
