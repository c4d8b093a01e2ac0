import { type ArchitectureRules, architecture } from '../../model/smmu/architecture/rules.ts';
import { type SmmuDeviation, withDeviations } from '../../overrides/deviations/smmu-qemu-11/index.ts';

/**
 * The deviations that must be added to the architecture to make an access agree: none if it agrees already, a single one
 * where one is enough, else a set from which none can be left out. Undefined: not even all of them explain the access.
 */
export function attribute(
  deviations: readonly SmmuDeviation[],
  agreesUnder: (rules: ArchitectureRules) => boolean,
): readonly SmmuDeviation[] | undefined {
  if (agreesUnder(architecture)) return [];
  const explains = (candidates: readonly SmmuDeviation[]) => agreesUnder(withDeviations(candidates));
  for (const deviation of deviations) if (explains([deviation])) return [deviation];
  if (!explains(deviations)) return undefined;
  let needed = deviations;
  for (const deviation of deviations) {
    const without = needed.filter((other) => other !== deviation);
    if (explains(without)) needed = without;
  }
  return needed;
}
