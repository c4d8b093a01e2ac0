import type { Override } from '../../../model/rules.ts';

export const absentPasidEntryUsed: Override = {
  name: 'absent-pasid-entry-used',
  kind: 'defect',
  summary: 'a VMM uses a PASID table entry of its guest whose present bit is clear',
  source: 'intel_iommu: add present bit check for pasid table entries (QEMU 56fc1e6ac6)',
  foundBy: 'requests-go-where-guest-asked',
  rules: { pasid: { checksPresent: false } },
};
