import type { Property } from '../property.ts';
import { freePasidLeavesNothing } from './free-pasid-leaves-nothing.ts';
import { invalidatedTranslationIsGone } from './invalidated-translation-is-gone.ts';
import { pasidGivenOnce } from './pasid-given-once.ts';
import { pasidReachesOwnVmOnly } from './pasid-reaches-own-vm-only.ts';
import { pasidTableWrittenByOwner } from './pasid-table-written-by-owner.ts';
import { requestsGoWhereGuestAsked } from './requests-go-where-guest-asked.ts';
import { requestsWithoutPasidHaveOneMapping } from './requests-without-pasid-have-one-mapping.ts';
import { shadowEqualsMerge } from './shadow-equals-merge.ts';
import { sliceUsesGivenPasidsOnly } from './slice-uses-given-pasids-only.ts';

/** What holds of devices with PASIDs, in the order in which reports list it. */
export const PASID_PROPERTIES: readonly Property[] = [
  pasidReachesOwnVmOnly,
  requestsGoWhereGuestAsked,
  requestsWithoutPasidHaveOneMapping,
  pasidGivenOnce,
  sliceUsesGivenPasidsOnly,
  pasidTableWrittenByOwner,
  shadowEqualsMerge,
  invalidatedTranslationIsGone,
  freePasidLeavesNothing,
];
