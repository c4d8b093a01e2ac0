import type { Override } from '../../model/rules.ts';

export const pasidCompatUnchecked: Override = {
  name: 'pasid-compat-unchecked',
  kind: 'mutant',
  summary: 'requests with and without PASID may be on HWPTs that were not made for each other',
  source: 'made up, to break pasid-compat-agrees',
  rules: { iommufd: { pasidNeedsCompat: false } },
};
