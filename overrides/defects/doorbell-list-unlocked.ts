import type { Override } from '../../model/rules.ts';

export const doorbellListUnlocked: Override = {
  name: 'doorbell-list-unlocked',
  kind: 'defect',
  summary: "two threads that look for a doorbell's page at the same time both take the next free one",
  source: 'iommu/dma: Restore locking around msi_page_list (5a9e89ea34e0, CVE-2026-90244)',
  foundBy: 'one-page-per-doorbell',
  rules: { msi: { doorbellListIsLocked: false } },
};
