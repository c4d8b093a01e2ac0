import type { Override } from '../../model/rules.ts';

export const msiPageInDefaultDomain: Override = {
  name: 'msi-page-in-default-domain',
  kind: 'defect',
  summary:
    "a doorbell is mapped in the domain of the kernel's own driver, and not in the one that the device is on",
  source: 'iommu/dma: Handle MSI mappings separately (8af23fad6261)',
  rules: { msi: { doorbellGoesToCurrentDomain: false } },
};
