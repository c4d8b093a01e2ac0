import { table } from '../table.ts';

/** Rules of hosts and VMMs with PASIDs, broken on purpose. */
export const PASID_MUTANTS = table({
  'any-assignment': {
    kind: 'mutant',
    summary: 'a host gives functions and slices away in whatever way it is asked to',
    source: 'seed 002: what each way of assigning a device would need of the hardware',
    rules: { pasid: { assignmentObjection: () => null } },
  },
  'context-read-in-part': {
    kind: 'mutant',
    summary:
      'a VMM reads of a context entry whether it translates, and neither how large its table is nor what becomes of requests without PASID',
    source: 'breaks requests-go-where-guest-asked (IHI0070 5.2: STE.S1CDMax, S1DSS)',
    rules: { pasid: { contextIsReadWhole: false } },
  },
  'host-clears-guest-entry': {
    kind: 'mutant',
    summary: 'a VMM clears the entry of a freed PASID in the table that its guest owns',
    source: 'breaks pasid-table-written-by-owner',
    rules: { pasid: { hostWritesGuestTable: true } },
  },
  'pasid-entry-stays-cached': {
    kind: 'mutant',
    summary: 'the PASID cache is not told of an entry that was taken away',
    source: 'breaks free-pasid-leaves-nothing',
    rules: { pasid: { teardownFlushesEntry: false } },
  },
  'pasid-given-twice': {
    kind: 'mutant',
    summary: 'a PASID that one slice has is given to another',
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
    summary: 'a function is given away as a whole while slices of it are in use',
    source: 'breaks requests-without-pasid-have-one-mapping',
    rules: { pasid: { wholeAndSlicesTogether: true } },
  },
});
