import type { Override } from '../../../model/rules.ts';

export const hostClearsGuestEntry: Override = {
  name: 'host-clears-guest-entry',
  kind: 'mutant',
  summary: 'a VMM clears the entry of a freed PASID in the table that its guest owns',
  source: 'breaks pasid-table-written-by-owner',
  rules: { pasid: { hostWritesGuestTable: true } },
};
