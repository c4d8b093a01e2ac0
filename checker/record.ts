import type { Call } from '../model/call.ts';
import type { Rules } from '../model/rules.ts';
import { everyCommandIsAnswered } from '../properties/iommufd/every-command-is-answered.ts';
import type { Property } from '../properties/property.ts';
import type { Scope } from '../workload/scopes/scope.ts';
import type { Answer } from './attempt.ts';
import { patientAttempt, patiently } from './patient.ts';
import { Execution } from './run.ts';
import { expectAwaited } from './select/awaited.ts';
import { type Bound, type Guarantee, TRACE_FORMAT, type Trace, type TraceStep } from './trace/trace.ts';
import { violationOf } from './violation.ts';
import { NOTHING } from './watch.ts';

/** The rules under which something is checked, and the names by which a trace says which they were. */
export interface Selection {
  readonly rules: Rules;
  /** @see Trace.design */
  readonly design: Readonly<Record<string, string>>;
  readonly defects: readonly string[];
}

/** What a trace is to show. */
export interface Showing {
  readonly property: Property;
  readonly guarantee: Guarantee | null;
  readonly bound?: Bound;
}

/**
 * Records how the model answers these calls. With `showing`, they must violate the property.
 * @throws Error where they do not: a mistake of the caller.
 */
export function recordTrace(
  scope: Scope,
  selection: Selection,
  calls: readonly Call[],
  showing: Showing | null,
): Trace {
  expectAwaited(selection, 'a selection of rules', 'selectRules(…)');
  const setting = { scope, rules: selection.rules };
  const answered = (answer: Answer): readonly TraceStep[] => {
    const execution = new Execution(setting, NOTHING, null, answer);
    return calls.map((call) => ({ ...call, result: execution.apply(call).result }));
  };
  // A trace of a step without an answer ends in one that may not return.
  const steps = showing?.property === everyCommandIsAnswered ? answered(patientAttempt) : patiently(answered);
  const violation = showing === null ? null : violationOf(setting, showing.property, calls);
  if (showing !== null && violation === null)
    throw new Error(`these calls do not violate ${showing.property.id}`);
  return {
    format: TRACE_FORMAT,
    scope: scope.name,
    ...(scope.changes === undefined ? {} : { platform: scope.changes }),
    design: selection.design,
    defects: selection.defects,
    property: showing?.property.id ?? null,
    guarantee: showing?.guarantee ?? null,
    ...(showing?.bound === undefined ? {} : { bound: showing.bound }),
    steps,
    violation: violation?.violation ?? null,
  };
}
