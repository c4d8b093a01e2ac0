import type { Override } from '../../../model/rules.ts';
import { groupViabilityUnchecked } from './group-viability-unchecked.ts';
import { lateDomainLeftEmpty } from './late-domain-left-empty.ts';
import { nestingAttributeIgnored } from './nesting-attribute-ignored.ts';
import { nestingUnmapsAsV1 } from './nesting-unmaps-as-v1.ts';
import { v2UnmapsAsV1 } from './v2-unmaps-as-v1.ts';

/** Rules of VFIO's old containers, broken on purpose. */
export const LEGACY_MUTANTS: readonly Override[] = [
  lateDomainLeftEmpty,
  nestingAttributeIgnored,
  nestingUnmapsAsV1,
  v2UnmapsAsV1,
  groupViabilityUnchecked,
];
