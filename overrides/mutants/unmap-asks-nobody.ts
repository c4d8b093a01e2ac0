import type { Override } from '../../model/rules.ts';

export const unmapAsksNobody: Override = {
  name: 'unmap-asks-nobody',
  kind: 'mutant',
  summary: 'an unmap takes areas although drivers have pinned some of their pages',
  source: 'against rule R-11: iommufd_access_notify_unmap()',
  rules: { accesses: { unmapAsksDrivers: false } },
};
