import type { Override } from '../../model/rules.ts';

/** Shows that overlaps in the IOVA space are really looked at. */
export const reserveIgnoresUse: Override = {
  name: 'reserve-ignores-use',
  kind: 'mutant',
  summary: 'ranges are reserved although areas or allowed ranges use them',
  source: 'no such bug is known',
  rules: { iommufd: { reserveChecksUse: false } },
};
