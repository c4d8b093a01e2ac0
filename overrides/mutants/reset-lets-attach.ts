import type { Override } from '../../model/rules.ts';

export const resetLetsAttach: Override = {
  name: 'reset-lets-attach',
  kind: 'mutant',
  summary: 'a device that is being reset is attached all the same',
  source: 'against rules R-41 and R-51: pci_dev_reset_iommu_prepare()',
  rules: { host: { resetHoldsDomain: false } },
};
