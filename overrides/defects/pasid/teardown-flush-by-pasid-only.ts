import type { Override } from '../../../model/rules.ts';

export const teardownFlushByPasidOnly: Override = {
  name: 'teardown-flush-by-pasid-only',
  kind: 'defect',
  summary:
    'a PASID table entry that is taken away is followed by a PASID-based flush even if it was nested, so that what stage 2 made of addresses stays cached',
  source: 'iommu/vt-d: Fix incomplete cache flush in intel_pasid_tear_down_entry() (8798d36)',
  rules: { pasid: { teardownFlushes: () => 'pasid' } },
};
