import type { Call } from '../../model/call.ts';
import type { Result } from '../../model/world/result.ts';
import type { Property } from '../../properties/property.ts';
import type { Scope } from '../../workload/scopes/scope.ts';
import { appliesTo } from '../applicable.ts';
import { recordTrace, type Selection } from '../record.ts';
import { type ToldStep, tell } from '../render/told.ts';
import { Execution, type Found } from '../run.ts';
import type { Trace } from '../trace/trace.ts';
import { watchOf } from '../watch.ts';

/** What a sequence did. */
export interface ScriptRun {
  readonly steps: readonly (ToldStep & { readonly result: Result })[];
  /** Every property that was violated, with the step (from 1; 0: before the first) after which it was. */
  readonly found: readonly Found[];
}

/** Makes the calls one after the other, whatever they answer, and looks at every property on the way. */
export function runCalls(
  scope: Scope,
  { rules }: Selection,
  properties: readonly Property[],
  calls: readonly Call[],
): ScriptRun {
  const watched = properties.filter((property) => appliesTo(property, scope));
  const execution = new Execution({ scope, rules }, watchOf(watched));
  const results = calls.map((call) => execution.apply(call).result);
  execution.end();
  const told = tell(scope, rules, calls);
  const steps = told.map((step, at) => {
    const result = results[at];
    if (result === undefined) throw new Error('a call without an answer');
    return { ...step, result };
  });
  return { steps, found: execution.found };
}

/**
 * The sequence as a trace, with its answers: up to its first violation, or all of it where there is none. Null where
 * the very first world violates something, so that no step shows it.
 */
export function traceOfRun(
  scope: Scope,
  selection: Selection,
  calls: readonly Call[],
  { found }: ScriptRun,
): Trace | null {
  const [first] = found.toSorted((a, b) => a.calls - b.calls);
  if (first === undefined) return recordTrace(scope, selection, calls, null);
  if (first.calls === 0) return null;
  const { property } = first;
  return recordTrace(scope, selection, calls.slice(0, first.calls), { property, guarantee: null });
}
