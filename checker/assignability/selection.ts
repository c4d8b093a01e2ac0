import { composeRules } from '../../model/rules.ts';
import { resolveDesign } from '../../overrides/index.ts';
import { PASID_MUTANTS } from '../../overrides/mutants/pasid.ts';
import type { Selection } from '../record.ts';

const axes = resolveDesign([]);

/** A host that refuses no assignment, so that it is the properties that decide. */
export const obliging: Selection = {
  rules: composeRules([PASID_MUTANTS['any-assignment']]),
  design: 'error' in axes ? {} : axes.choice,
  defects: [PASID_MUTANTS['any-assignment'].name],
};
