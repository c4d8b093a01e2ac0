import type { Override } from '../../../model/rules.ts';

export const pasidEntryStaysCached: Override = {
  name: 'pasid-entry-stays-cached',
  kind: 'mutant',
  summary: 'the PASID cache is not told of an entry that was taken away',
  source: 'breaks free-pasid-leaves-nothing',
  rules: { pasid: { teardownFlushesEntry: false } },
};
