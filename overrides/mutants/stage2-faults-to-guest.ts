import type { Override } from '../../model/rules.ts';

/** Shows that the routing of events is really looked at. */
export const stage2FaultsToGuest: Override = {
  name: 'stage2-faults-to-guest',
  kind: 'mutant',
  summary: 'stage-2 faults are reported to the guest',
  source: 'no such bug is known',
  rules: { smmuDriver: { stage2FaultsStayWithHost: false } },
};
