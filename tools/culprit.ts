import { showsViolation } from '../checker/random/engine.ts';
import type { Trace } from '../checker/trace/trace.ts';
import { composeRules, intended, type Override } from '../model/rules.ts';
import type { Property } from '../properties/property.ts';
import type { Scope } from '../workload/scopes/scope.ts';

/** The override that alone makes a trace violate its property; null where it takes several, or none. */
export function culprit(
  overrides: readonly Override[],
  scope: Scope,
  property: Property,
  { steps }: Trace,
): Override | null {
  const calls = steps.map(({ result: _, ...call }) => call);
  const breaks = (override: Override): boolean => {
    const shows = showsViolation({ scope, rules: composeRules([override]) }, property);
    return shows(calls) !== null;
  };
  // A wish that the intended rules do not grant is nobody's doing.
  const needsNone = showsViolation({ scope, rules: intended }, property)(calls) !== null;
  return needsNone ? null : (overrides.find(breaks) ?? null);
}
