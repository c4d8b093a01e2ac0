import { table } from '../table.ts';

/** Rules of emulated VT-d units, broken on purpose. */
export const VTD_MUTANTS = table({
  'vtd-large-page-outlives-its-parts': {
    kind: 'mutant',
    summary:
      'an invalidation of pages that begins within a cached large page, and not at its beginning, leaves it cached',
    source: 'breaks vtd-emulation-forgets-what-it-is-told (VT-d 6.5.2.4)',
    rules: { vtdArchitecture: { invalidationReachesLargePage: false } },
  },
});
