import { table } from '../table.ts';

export const MSI_DEFECTS = table({
  'msi-page-in-default-domain': {
    kind: 'defect',
    summary:
      "a doorbell is mapped in the kernel driver's own domain, not in the domain that the device is on",
    source: 'iommu/dma: Handle MSI mappings separately (8af23fad6261)',
    rules: { msi: { doorbellGoesToCurrentDomain: false } },
  },
  'doorbell-lost-on-replace': {
    kind: 'defect',
    summary: "a replace does not map the group's doorbells in the new domain",
    source:
      'drivers/iommu/iommufd/device.c: iommufd_group_setup_msi() in iommufd_device_do_replace(), left out',
    rules: { msi: { replaceKeepsDoorbells: false } },
  },
  'doorbell-list-unlocked': {
    kind: 'defect',
    summary: "two threads that look up a doorbell's page at the same time both take the next free page",
    source: 'iommu/dma: Restore locking around msi_page_list (5a9e89ea34e0, CVE-2026-90244)',
    foundBy: 'one-page-per-doorbell',
    rules: { msi: { doorbellListIsLocked: false } },
  },
  'msi-window-not-reserved': {
    kind: 'defect',
    summary: 'the MSI window is not reserved in the IOAS, so RAM can be mapped there',
    source:
      'what a failed replace leaves in Linux 7.2.13 (recording smmuv3-findings, section F-2), from the start',
    rules: { msi: { windowIsReserved: false } },
  },
  /** The pointer outlived the page that it named; here the message falls back to the physical address. */
  'msi-cookie-outlives-domain': {
    kind: 'defect',
    summary: 'a message that is written again gets its address from the domain for which it was first made',
    foundBy: 'msi-keeps-working',
    source: 'genirq/msi: Store the IOMMU IOVA directly in msi_desc instead of iommu_cookie (1f7df3a69174)',
    rules: { msi: { messageKeepsItsAddress: false } },
  },
});
