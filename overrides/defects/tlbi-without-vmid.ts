import type { Override } from '../../model/rules.ts';

/** The command was built without its VMID field, so it took away what is tagged with VMID 0 and left the guest's. */
export const tlbiWithoutVmid: Override = {
  name: 'tlbi-without-vmid',
  kind: 'defect',
  summary: 'an invalidation by address or ASID reaches the pSMMU with VMID 0',
  source: 'iommu/arm-smmu-v3: Populate VMID field for CMDQ_OP_TLBI_NH_VA (935d43ba272e)',
  foundBy: 'after-invalidation-nothing-stale',
  rules: { smmuDriver: { tlbiCarriesVmid: false } },
};
