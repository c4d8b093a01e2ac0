import type { Override } from '../../../model/rules.ts';

/** The IOTLB was flushed, and what devices had asked of it before was not. */
export const unmapMissesNestedDevices: Override = {
  name: 'vtd-unmap-misses-nested-devices',
  kind: 'defect',
  summary: 'an unmap of a nesting parent does not reach the TLBs of devices that are nested on it',
  source: 'iommu/vt-d: Add missing device iotlb flush for parent domain (Fixes b41e38e22539)',
  foundBy: 'unmap-reaches-nested',
  rules: { vtd: { unmapReachesNestedDevices: false } },
};
