import type { Override } from '../../../model/rules.ts';

export const addressSpaceAtWrongPasid: Override = {
  name: 'address-space-at-wrong-pasid',
  kind: 'defect',
  summary: 'an address space is installed at another PASID than it was made for',
  source: 'iommu/arm-smmu-v3: Do not allow a SVA domain to be set on the wrong PASID (Linux 6.9.8)',
  foundBy: 'pasid-reaches-own-vm-only',
  rules: { pasid: { installsAt: () => 1 } },
};
