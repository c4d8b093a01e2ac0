import { table } from '../table.ts';

/** Rules of hosts and VMMs with PASIDs, broken on purpose. */
export const PASID_MUTANTS = table({
  'any-assignment': {
    kind: 'mutant',
    summary: 'a host assigns functions and slices in whatever way it is asked to',
    source: 'seed 002: what each way of assigning a device would need of the hardware',
    rules: { pasid: { assignmentObjection: () => null } },
  },
  'context-read-in-part': {
    kind: 'mutant',
    summary:
      'of a context entry a VMM reads only whether it translates, not the size of its table nor what happens to requests without PASID',
    source: 'breaks requests-go-where-guest-asked (IHI0070 5.2: STE.S1CDMax, S1DSS)',
    rules: { pasid: { contextIsReadWhole: false } },
  },
  'host-clears-guest-entry': {
    kind: 'mutant',
    summary: 'a VMM clears the entry of a freed PASID in a table that its guest owns',
    source: 'breaks pasid-table-written-by-owner',
    rules: { pasid: { hostWritesGuestTable: true } },
  },
  'pasid-entry-stays-cached': {
    kind: 'mutant',
    summary: 'the PASID cache is not invalidated when an entry is removed',
    source: 'breaks free-pasid-leaves-nothing',
    rules: { pasid: { teardownFlushesEntry: false } },
  },
  'pasid-given-twice': {
    kind: 'mutant',
    summary: 'a PASID of one slice is given to another slice too',
    source: 'breaks pasid-given-once',
    rules: { pasid: { pasidGivenTwice: true } },
  },
  'slice-uses-any-pasid': {
    kind: 'mutant',
    summary: 'a device lets a slice use whatever PASID its guest names',
    source: 'breaks slice-uses-given-pasids-only',
    rules: { pasid: { sliceUsesAnyPasid: true } },
  },
  'whole-and-slices-together': {
    kind: 'mutant',
    summary: 'a function is assigned as a whole while slices of it are assigned',
    source: 'breaks requests-without-pasid-have-one-mapping',
    rules: { pasid: { wholeAndSlicesTogether: true } },
  },
});
