import { resultText, sameResult } from '../../checker/result-text.ts';
import type { Trace } from '../../checker/trace/trace.ts';
import { choiceOf, groundOf } from './choice.ts';
import { beginWith, pathOf, type Session } from './session.ts';

/** A trace that was opened: its steps made anew, and what that came to. */
export interface Opened {
  readonly session: Session;
  readonly outcome: Outcome;
}

/** Whether a trace still shows what it says: the first difference, in words, where it does not. */
export type Outcome =
  | { readonly kind: 'replays' }
  | {
      readonly kind: 'drifts';
      readonly step: number | null;
      readonly expected: string;
      readonly actual: string;
    };

/**
 * Makes the calls of a trace, and compares what the model says with what the trace does, as `nestcheck replay` does.
 * @throws UsageError where it names what is not known here.
 */
export function openTrace(trace: Trace): Opened {
  const ground = groundOf(choiceOf(trace), trace.property);
  const calls = trace.steps.map(({ result: _, ...call }) => call);
  const session = beginWith(ground, calls, trace.property);
  return { session, outcome: outcomeOf(trace, session) };
}

function outcomeOf(trace: Trace, session: Session): Outcome {
  const path = pathOf(session);
  for (const [index, { result }] of trace.steps.entries()) {
    const actual = path[index + 1]?.step?.done.result;
    if (actual !== undefined && !sameResult(result, actual))
      return drift(index + 1, resultText(result), resultText(actual));
  }
  // A trace about nothing is one that violates nothing; one about a property is about nothing else.
  const wanted = (id: string): boolean => trace.property === null || id === trace.property;
  const places = path.filter(({ violated }) => violated.some(({ property }) => wanted(property.id)));
  const [first] = places;
  const found = first?.violated.find(({ property }) => wanted(property.id));
  if (trace.property === null)
    return first === undefined || found === undefined
      ? { kind: 'replays' }
      : drift(first.depth, 'no property is violated', `${found.property.id} is violated: ${found.violation}`);
  const expected = `${trace.property} is violated: ${trace.violation}`;
  if (first === undefined || found === undefined) return drift(null, expected, 'it holds');
  if (first.depth < trace.steps.length)
    return drift(first.depth, `${trace.property} holds until the last step`, 'it is violated');
  return found.violation === trace.violation ? { kind: 'replays' } : drift(null, expected, found.violation);
}

function drift(step: number | null, expected: string, actual: string): Outcome {
  return { kind: 'drifts', step, expected, actual };
}
