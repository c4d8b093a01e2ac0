import type { Call } from '../model/call.ts';
import type { Property } from '../properties/property.ts';
import type { Scope } from '../workload/scopes/scope.ts';
import { recordTrace, type Selection } from './record.ts';
import { renderText, stepLines } from './render/text.ts';
import type { Setting } from './run.ts';
import type { Trace } from './trace/trace.ts';
import { violationOf } from './violation.ts';

/** A property that does not hold, with the trace that shows it: drawn in the message, and as it would be in a file. */
export class ViolationError extends Error {
  readonly trace: Trace;

  constructor(message: string, trace: Trace) {
    super(message);
    this.name = 'ViolationError';
    this.trace = trace;
  }
}

/**
 * Expects of calls on a scope that they do not violate a property: for tests.
 * @throws ViolationError with the trace up to the violation, as `nestcheck replay` prints it.
 */
export function expectHolds(
  property: Property,
  scope: Scope,
  selection: Selection,
  calls: readonly Call[],
): void {
  const setting = { scope, rules: selection.rules };
  const found = violationOf(setting, property, calls);
  if (found === null) return;
  const trace = recordTrace(scope, selection, calls.slice(0, found.calls), { property, guarantee: null });
  throw new ViolationError(renderText(trace, { ...setting, property }), trace);
}

/** The steps that calls make, with their answers and what they changed. */
export function runText({ scope, rules }: Setting, calls: readonly Call[]): string {
  const trace = recordTrace(scope, { rules, design: {}, defects: [] }, calls, null);
  return stepLines(trace, { scope, rules }).join('\n');
}
