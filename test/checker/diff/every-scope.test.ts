import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { triedCalls } from '../../../checker/diff/alphabet.ts';
import { callsToDifference, startTogether, stepTogether } from '../../../checker/diff/lockstep.ts';
import { arbitraryRun } from '../../../checker/random/engine.ts';
import { composeRules, intended } from '../../../model/rules.ts';
import { DESIGN_AXES } from '../../../overrides/index.ts';
import { generateCall } from '../../../workload/generator/generate.ts';
import { SCOPES } from '../../../workload/scopes/index.ts';

/** Every two values of an axis: what `diff` can be asked for. */
const pairs = DESIGN_AXES.flatMap(({ name, values }) =>
  values.flatMap((first, at) =>
    values.slice(at + 1).map((second) => ({
      name: `${name}=${first.name} ${name}=${second.name}`,
      rules: [composeRules(first.overrides), composeRules(second.overrides)] as const,
    })),
  ),
);

describe('diff', () => {
  it('compares values of several axes', () => {
    expect(pairs.length).toBeGreaterThan(20);
  });

  it.each(SCOPES.map((scope) => [scope.name, scope] as const))(
    'has commands to try on scope %s',
    (_, scope) => {
      const start = startTogether(scope);
      const { all } = triedCalls(scope, start.worlds[0], start.bindings);
      expect(all.length).toBeGreaterThan(0);
      for (const { name, rules } of pairs) {
        expect(() => {
          for (const call of all.slice(0, 12)) stepTogether(start, call, rules);
        }, name).not.toThrow();
      }
    },
  );

  it.each(SCOPES.map((scope) => [scope.name, scope] as const))(
    'compares every two values of every axis along a run on scope %s',
    (_, scope) => {
      const source = { setting: { scope, rules: intended }, generate: generateCall, steps: 15 };
      const [calls = []] = fc.sample(arbitraryRun(source), { seed: 1, numRuns: 1 });
      for (const { name, rules } of pairs) {
        const step = callsToDifference(scope, rules, calls);
        expect(step === null || (step > 0 && step <= calls.length), name).toBe(true);
      }
    },
  );
});
