import type { Override } from '../../../model/rules.ts';

/**
 * A PASID-based flush takes first-stage and nested translations. What is cached of the second stage under
 * the same domain id stays, and the id is given to the next domain.
 */
export const teardownByPasidOnly: Override = {
  name: 'vtd-teardown-by-pasid-only',
  kind: 'defect',
  summary: 'the entry of a domain with a second stage is torn down with a flush of its PASID alone',
  source: 'iommu/vt-d: Fix incomplete cache flush in intel_pasid_tear_down_entry() (8798d36)',
  rules: { vtd: { teardownFlushesDomain: false } },
};
