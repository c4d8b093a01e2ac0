import type { Override } from '../../model/rules.ts';

/** Shows that what a guest notices of a migration is really looked at. */
export const guestStateLeftBehind: Override = {
  name: 'guest-state-left-behind',
  kind: 'mutant',
  summary: 'CR0 and GBPA of a vSMMU do not come along when its machine is migrated',
  source: 'no such bug is known',
  rules: { vmm: { migrationKeepsGuestState: false } },
};
