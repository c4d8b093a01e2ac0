import type { Override } from '../../model/rules.ts';
import type { SmmuArchitectureRules } from '../../model/smmu/architecture/rules.ts';
import { withDeviations } from '../../overrides/deviations/smmu-qemu-11.ts';
import { explain } from '../explain.ts';

/** The deviations that must be added to the architecture to make an access agree, as `explain` chooses them. */
export function attribute(
  deviations: readonly Override[],
  agreesUnder: (rules: SmmuArchitectureRules) => boolean,
): readonly Override[] | undefined {
  return explain(deviations, (chosen) => agreesUnder(withDeviations(chosen)));
}
