import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arbitraryRun } from '../../../checker/random/engine.ts';
import { runSeed } from '../../../checker/random/seed.ts';
import { recordTrace } from '../../../checker/record.ts';
import { callText } from '../../../checker/render/values.ts';
import type { Call } from '../../../model/call.ts';
import { intended } from '../../../model/rules.ts';
import { generateCall } from '../../../workload/generator/generate.ts';
import { SCOPES } from '../../../workload/scopes/index.ts';

describe('seed 1', () => {
  // A change here means that every seed now names other runs: right when the generator, the scopes or the derivation
  // of seeds were meant to change, and wrong when anything else was.
  it.each(SCOPES.map((scope) => [scope.name, scope] as const))(
    'makes this first run on %s',
    (name, scope) => {
      const source = { setting: { scope, rules: intended }, generate: generateCall, steps: 30 };
      let calls: readonly Call[] = [];
      const remember = fc.property(arbitraryRun(source), (made) => {
        calls = made;
      });
      fc.check(remember, { seed: runSeed(1, name, 0), numRuns: 1 });
      const { steps } = recordTrace(scope, { rules: intended, design: {}, defects: [] }, calls, null);
      const lines = steps.map((step) => {
        return `${step.actor} ${callText(step)} -> ${step.result.ok ? 'ok' : step.result.errno}`;
      });
      expect(lines).toMatchSnapshot();
    },
  );
});
