import type { Rules } from '../model/rules.ts';
import { everyCommandIsAnswered } from '../properties/iommufd/every-command-is-answered.ts';
import type { Property } from '../properties/property.ts';
import type { Scope } from '../workload/scopes/scope.ts';
import { appliesTo } from './applicable.ts';
import type { Answer } from './attempt.ts';
import { patientAttempt, patiently } from './patient.ts';
import { resultText, sameResult } from './result-text.ts';
import { Execution } from './run.ts';
import { expectAwaited } from './select/awaited.ts';
import type { Trace } from './trace/trace.ts';
import { violationOf } from './violation.ts';
import { watchOf } from './watch.ts';

/** Where a trace and the model part. */
export interface Drift {
  /** Number of the step (from 1); null where it is not a step that drifted but what the trace shows. */
  readonly step: number | null;
  /** What the trace says, in words. */
  readonly expected: string;
  /** What the model says. */
  readonly actual: string;
}

/** Under what a trace is replayed: what its `scope`, `design` and `defects` stand for. */
export interface ReplaySetting {
  readonly scope: Scope;
  readonly rules: Rules;
  /** Every property there is: a trace that shows no violation must violate none that means something on its scope. */
  readonly properties: readonly Property[];
}

/**
 * Makes the calls of a trace anew. Null if every step answers as recorded and the trace shows what it says (its
 * violation, word by word, after its last step; or none of any property); else the first difference.
 * @throws Error if the trace's property is not among `properties`.
 */
export function replayTrace(trace: Trace, setting: ReplaySetting): Drift | null {
  expectAwaited(trace, 'a trace', 'readTraceFile(…)');
  const showing = trace.property === null ? null : setting.properties.find(({ id }) => id === trace.property);
  if (showing === undefined) throw new Error(`no property '${trace.property}'`);
  const watching =
    showing === null ? setting.properties.filter((each) => appliesTo(each, setting.scope)) : [];
  const drift = (answer: Answer) => answerDrift(trace, setting, watching, answer);
  // A trace of a step without an answer ends in one that may not return.
  const drifted = showing === everyCommandIsAnswered ? drift(patientAttempt) : patiently(drift);
  return drifted === null && showing !== null ? violationDrift(trace, setting, showing) : drifted;
}

/** Where answers part, or in a trace that shows no violation one of the properties that are watched is violated. */
function answerDrift(
  trace: Trace,
  setting: ReplaySetting,
  watching: readonly Property[],
  answer: Answer,
): Drift | null {
  const execution = new Execution(setting, watchOf(watching), null, answer);
  for (const [index, { result: recorded, ...call }] of trace.steps.entries()) {
    const { result } = execution.apply(call);
    if (!sameResult(recorded, result)) {
      return { step: index + 1, expected: resultText(recorded), actual: resultText(result) };
    }
  }
  execution.end();
  const [found] = execution.found;
  if (found === undefined || trace.property !== null) return null;
  const actual = `${found.property.id} is violated: ${found.violation}`;
  return { step: found.calls, expected: 'no property is violated', actual };
}

function violationDrift(trace: Trace, setting: ReplaySetting, property: Property): Drift | null {
  const expected = `${property.id} is violated: ${trace.violation}`;
  const found = violationOf(setting, property, trace.steps);
  if (found === null) return { step: null, expected, actual: 'it holds' };
  if (found.calls < trace.steps.length) {
    return {
      step: found.calls,
      expected: `${property.id} holds until the last step`,
      actual: 'it is violated',
    };
  }
  if (found.violation !== trace.violation) return { step: null, expected, actual: found.violation };
  return null;
}
