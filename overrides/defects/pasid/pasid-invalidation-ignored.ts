import type { Override } from '../../../model/rules.ts';

export const pasidInvalidationIgnored: Override = {
  name: 'pasid-invalidation-ignored',
  kind: 'defect',
  summary:
    'a VMM takes an invalidation of the PASID cache for none of its business: the entry is not set up anew',
  source: 'intel_iommu: Fix DMA failure when guest switches IOMMU domain (QEMU c9cf33075a)',
  foundBy: 'requests-go-where-guest-asked',
  rules: { pasid: { pasidInvalidationRebinds: false } },
};
