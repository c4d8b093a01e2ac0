import type { Override } from '../../../model/rules.ts';

export const trackingMissesNested: Override = {
  name: 'vtd-tracking-misses-nested',
  kind: 'defect',
  summary:
    "a nesting parent that begins to track writes leaves the entries of guests' tables on it as they are: what they write is not flagged",
  source: 'iommu/vt-d: Add missing dirty tracking set for parent domain (2024-02)',
  rules: { vtd: { trackingReachesNested: false } },
};
