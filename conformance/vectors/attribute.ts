import type { Override } from '../../model/rules.ts';
import { type SmmuArchitectureRules, smmuArchitectureIntended } from '../../model/smmu/architecture/rules.ts';
import { withDeviations } from '../../overrides/deviations/smmu-qemu-11.ts';

/**
 * The deviations that must be added to the architecture to make an access agree: a single one where one is enough, else a
 * set from which none can be left out. Undefined: not even all of them explain the access, or it needs no explanation,
 * because the architecture agrees and whatever was put over it does not.
 */
export function attribute(
  deviations: readonly Override[],
  agreesUnder: (rules: SmmuArchitectureRules) => boolean,
): readonly Override[] | undefined {
  if (agreesUnder(smmuArchitectureIntended)) return undefined;
  const explain = (candidates: readonly Override[]) => agreesUnder(withDeviations(candidates));
  for (const deviation of deviations) if (explain([deviation])) return [deviation];
  if (!explain(deviations)) return undefined;
  let needed = deviations;
  for (const deviation of deviations) {
    const without = needed.filter((other) => other !== deviation);
    if (explain(without)) needed = without;
  }
  return needed;
}
