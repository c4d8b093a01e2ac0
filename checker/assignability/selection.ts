import { composeRules } from '../../model/rules.ts';
import { resolveDesign } from '../../overrides/index.ts';
import { anyAssignment } from '../../overrides/mutants/pasid/any-assignment.ts';
import type { Selection } from '../record.ts';

const axes = resolveDesign([]);

/** A host that refuses no assignment, so that it is the properties that decide. */
export const obliging: Selection = {
  rules: composeRules([anyAssignment]),
  design: 'error' in axes ? {} : axes.choice,
  defects: [anyAssignment.name],
};
