import type { Rules } from '../model/rules.ts';
import type { Command } from '../model/world/command.ts';
import type { World } from '../model/world/world.ts';
import { type Attempt, attempt, unanswered } from './attempt.ts';
import { OVERDUE, STEP_PATIENCE, watchedAtWork } from './watchdog.ts';

/** As `attempt`, but a step that does not return is stopped, and has no answer either. */
export function patientAttempt(world: World, command: Command, rules: Rules): Attempt {
  const done = watchedAtWork(STEP_PATIENCE, () => attempt(world, command, rules));
  return done === OVERDUE ? unanswered(world, command, 'does not return') : done;
}
