import type { Rules } from '../model/rules.ts';
import type { Command } from '../model/world/command.ts';
import type { World } from '../model/world/world.ts';
import { type Answer, type Attempt, attempt, unanswered } from './attempt.ts';
import { OVERDUE, RUN_PATIENCE, STEP_PATIENCE, watched, watchedAtWork } from './watchdog.ts';

/** As `attempt`, but a step that does not return is stopped, and has no answer either. */
export function patientAttempt(world: World, command: Command, rules: Rules): Attempt {
  const done = watchedAtWork(STEP_PATIENCE, () => attempt(world, command, rules));
  return done === OVERDUE ? unanswered(world, command, 'does not return') : done;
}

/**
 * What a run gives, of which no step may go on for ever: all under one watch, which spares one for each step, and where that takes too
 * long anew with `patientAttempt`. The run must change nothing outside.
 */
export function patiently<T>(run: (answer: Answer) => T): T {
  const done = watched(RUN_PATIENCE, () => run(attempt));
  // A machine that is busy may need that long: then step by step.
  return done === OVERDUE ? run(patientAttempt) : done;
}
