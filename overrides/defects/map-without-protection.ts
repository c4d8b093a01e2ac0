import type { Override } from '../../model/rules.ts';

/** The page tables have no entry that allows nothing, so such a mapping was written nowhere and yet counted as there. */
export const mapWithoutProtection: Override = {
  name: 'map-without-protection',
  kind: 'defect',
  summary: 'a mapping that is neither readable nor writeable is accepted',
  source: 'iommufd: Do not allow creating areas without READ or WRITE (2024-08-23)',
  foundBy: 'every-mapping-allows-something',
  rules: { iommufd: { mapNeedsProtection: false } },
};
