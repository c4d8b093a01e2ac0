import type { Override } from '../../model/rules.ts';

/** The pointer outlived the page that it named; here the message falls back to the physical address. */
export const msiCookieOutlivesDomain: Override = {
  name: 'msi-cookie-outlives-domain',
  kind: 'defect',
  summary:
    'a message that is written again gets its address by way of the domain for which it was first made',
  foundBy: 'msi-keeps-working',
  source: 'genirq/msi: Store the IOMMU IOVA directly in msi_desc instead of iommu_cookie (1f7df3a69174)',
  rules: { msi: { messageKeepsItsAddress: false } },
};
