import type { Override } from '../../../model/rules.ts';

/** An unmap flushed the domain id of the nesting parent, which no nested translation has. */
export const unmapMissesNestedIds: Override = {
  name: 'vtd-unmap-misses-nested-ids',
  kind: 'defect',
  summary: 'an unmap of a nesting parent does not reach the domain ids of what is nested on it',
  source: 'iommu/vt-d: Add missing iotlb flush for parent domain (Fixes b41e38e22539)',
  rules: { vtd: { unmapReachesNestedIds: false } },
};
