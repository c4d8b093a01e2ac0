import type { Call } from '../model/call.ts';
import { everyCommandIsAnswered } from '../properties/iommufd/every-command-is-answered.ts';
import type { Property } from '../properties/property.ts';
import type { Answer } from './attempt.ts';
import { patientAttempt, patiently } from './patient.ts';
import { Execution, type Found, type Setting } from './run.ts';
import { watchOf } from './watch.ts';

/** How a property is first violated by these calls, none after that being made; null where it holds. */
export function violationOf(setting: Setting, property: Property, calls: readonly Call[]): Found | null {
  if (property === everyCommandIsAnswered) return violationIn(setting, property, calls, patientAttempt);
  return patiently((answer) => violationIn(setting, property, calls, answer));
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
