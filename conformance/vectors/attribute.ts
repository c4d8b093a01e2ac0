import { type SmmuArchitectureRules, smmuArchitectureIntended } from '../../model/smmu/architecture/rules.ts';
import { type SmmuDeviation, withDeviations } from '../../overrides/deviations/smmu-qemu-11/index.ts';

/**
 * The deviations that must be added to the architecture to make an access agree: a single one where one is enough, else a
 * set from which none can be left out. Undefined: not even all of them explain the access, or it needs no explanation,
 * because the architecture agrees and whatever was put over it does not.
 */
export function attribute(
  deviations: readonly SmmuDeviation[],
  agreesUnder: (rules: SmmuArchitectureRules) => boolean,
): readonly SmmuDeviation[] | undefined {
  if (agreesUnder(smmuArchitectureIntended)) return undefined;
  const explain = (candidates: readonly SmmuDeviation[]) => agreesUnder(withDeviations(candidates));
  for (const deviation of deviations) if (explain([deviation])) return [deviation];
  if (!explain(deviations)) return undefined;
  let needed = deviations;
  for (const deviation of deviations) {
    const without = needed.filter((other) => other !== deviation);
    if (explain(without)) needed = without;
  }
  return needed;
}
