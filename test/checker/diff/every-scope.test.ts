import { describe, expect, it } from 'vitest';
import { triedCalls } from '../../../checker/diff/alphabet.ts';
import { startTogether, stepTogether } from '../../../checker/diff/lockstep.ts';
import { composeRules } from '../../../model/rules.ts';
import { DESIGN_AXES } from '../../../overrides/index.ts';
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
        for (const call of all.slice(0, 40))
          expect(() => stepTogether(start, call, rules), name).not.toThrow();
      }
    },
  );
});
