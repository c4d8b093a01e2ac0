import { describe, expect, it } from 'vitest';
import { lookForNotTotal } from '../../../checker/random/total.ts';
import { callText } from '../../../checker/render/values.ts';
import { intended } from '../../../model/rules.ts';
import { anyCall } from '../../../workload/generator/any.ts';
import { SCOPES } from '../../../workload/scopes/index.ts';

/*
 * That every command has an answer everywhere. STEPS says how many are tried over all scopes, FC_SEED which:
 * `npm run fuzz:steps` tries ten million.
 */
const STEPS = Number(process.env.STEPS ?? 50_000);
const SEED = Number(process.env.FC_SEED ?? 1);
const STEPS_IN_RUN = 100;

const runs = Math.ceil(STEPS / STEPS_IN_RUN / SCOPES.length);

describe('whatever can be said in a trace', () => {
  it.each(SCOPES.map((scope) => [scope.name, scope] as const))(
    'has an answer, a canonical world and a trace that reads back, on %s',
    (_, scope) => {
      const plan = { runs, steps: STEPS_IN_RUN, seed: SEED };
      const found = lookForNotTotal({ scope, rules: intended }, anyCall, plan);
      const calls = found?.calls.map((call) => `${call.actor} ${callText(call)}`) ?? [];
      expect([...calls, found?.why ?? null].join('\n')).toBe('');
    },
    // Ten million take minutes a scope, and hours on a busy machine.
    Math.max(600_000, STEPS),
  );
});
