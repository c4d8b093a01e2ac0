import { describe, expect, it } from 'vitest';
import { explorationOf, triedCalls } from '../../../checker/diff/alphabet.ts';
import { type Searched, searchDifference } from '../../../checker/diff/search.ts';
import { composeRules, intended } from '../../../model/rules.ts';
import { OVERRIDES } from '../../../overrides/index.ts';
import { grouped } from '../../../workload/scopes/grouped.ts';
import { oneSmmu } from '../../../workload/scopes/one-smmu.ts';
import type { Scope } from '../../../workload/scopes/scope.ts';

/** The search for what an override answers differently; with `exactly`, worlds that only renaming makes equal are two. */
function searched(scope: Scope, name: string, depth: number, exactly = false): Promise<Searched> {
  const rules = composeRules(OVERRIDES.filter((override) => override.name === name));
  const exploration = exactly ? null : explorationOf(scope);
  const plan = { scope, rules: [intended, rules] as const, alphabet: triedCalls, exploration, depth };
  return searchDifference(plan, async () => true);
}

describe('the search for a difference', () => {
  it.each([
    { scope: oneSmmu, name: 'map-without-protection', length: null },
    { scope: oneSmmu, name: 'empty-invalidation-refused', length: 7 },
    { scope: grouped, name: 'viommu-reserved-ignored', length: 6 },
  ])(
    'finds $name in $scope.name as early, whether equal worlds are told apart or not',
    async ({ scope, name, length }) => {
      const depth = (length ?? 5) + 1;
      const [joined, exact] = [await searched(scope, name, depth), await searched(scope, name, depth, true)];
      expect([joined.calls?.length ?? null, exact.calls?.length ?? null]).toEqual([length, length]);
      expect([joined.complete, joined.depth]).toEqual([true, exact.depth]);
      expect(joined.worlds).toBeLessThan(exact.worlds);
    },
  );
});
