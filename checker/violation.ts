import type { Call } from '../model/call.ts';
import { everyCommandIsAnswered } from '../properties/iommufd/every-command-is-answered.ts';
import type { Property } from '../properties/property.ts';
import { type Answer, attempt } from './attempt.ts';
import { patientAttempt } from './patient.ts';
import { Execution, type Found, type Setting } from './run.ts';
import { watchOf } from './watch.ts';
import { OVERDUE, RUN_PATIENCE, watched } from './watchdog.ts';

/** How a property is first violated by these calls, none after that being made; null where it holds. */
export function violationOf(setting: Setting, property: Property, calls: readonly Call[]): Found | null {
  if (property === everyCommandIsAnswered) return violationIn(setting, property, calls, patientAttempt);
  const found = watched(RUN_PATIENCE, () => violationIn(setting, property, calls, attempt));
  // A machine that is busy may need that long: then step by step.
  return found === OVERDUE ? violationIn(setting, property, calls, patientAttempt) : found;
}

function violationIn(
  setting: Setting,
  property: Property,
  calls: readonly Call[],
  answer: Answer,
): Found | null {
  const execution = new Execution(setting, watchOf([property]), null, answer);
  for (const call of calls) {
    if (execution.isOver) break;
    execution.apply(call);
  }
  execution.end();
  return execution.found.find((each) => each.property === property) ?? null;
}
