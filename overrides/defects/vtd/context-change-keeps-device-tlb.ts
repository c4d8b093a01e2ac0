import type { Override } from '../../../model/rules.ts';

/** In legacy mode the context entry is all there is: with it goes the way to the device's TLB. */
export const contextChangeKeepsDeviceTlb: Override = {
  name: 'vtd-context-change-keeps-device-tlb',
  kind: 'defect',
  summary: "a context entry that was present is cleared, and the device's TLB keeps what it holds",
  source: 'iommu/vt-d: Global devTLB flush when present context entry changed (2021-07)',
  rules: { vtd: { contextChangeFlushesDevice: false } },
};
