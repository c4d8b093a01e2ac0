import { Execution } from '../../checker/run.ts';
import type { Trace } from '../../checker/trace/trace.ts';
import { NOTHING } from '../../checker/watch.ts';
import type { Rules } from '../../model/rules.ts';
import type { Scope } from '../../workload/scopes/scope.ts';
import type { Asserted } from './answer.ts';

/** The steps of a trace with the answers that it has; with rules, with those that the model gives under them. */
export function fromTrace(trace: Trace, scope: Scope | null, rules: Rules | null): readonly Asserted[] {
  if (rules === null || scope === null)
    return trace.steps.map(({ result, ...call }) => ({ step: { kind: 'call', call }, result }));
  const execution = new Execution({ scope, rules }, NOTHING);
  return trace.steps.map(({ result: _, ...call }) => ({
    step: { kind: 'call', call },
    result: execution.apply(call).result,
  }));
}
