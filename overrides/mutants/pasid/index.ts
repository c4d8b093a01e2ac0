import type { Override } from '../../../model/rules.ts';
import { anyAssignment } from './any-assignment.ts';
import { contextReadInPart } from './context-read-in-part.ts';
import { hostClearsGuestEntry } from './host-clears-guest-entry.ts';
import { pasidEntryStaysCached } from './pasid-entry-stays-cached.ts';
import { pasidGivenTwice } from './pasid-given-twice.ts';
import { sliceUsesAnyPasid } from './slice-uses-any-pasid.ts';
import { wholeAndSlicesTogether } from './whole-and-slices-together.ts';

/** Rules of hosts and VMMs with PASIDs, broken on purpose. */
export const PASID_MUTANTS: readonly Override[] = [
  anyAssignment,
  contextReadInPart,
  hostClearsGuestEntry,
  pasidEntryStaysCached,
  pasidGivenTwice,
  sliceUsesAnyPasid,
  wholeAndSlicesTogether,
];
