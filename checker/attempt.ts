import type { Rules } from '../model/rules.ts';
import { type Step, step } from '../model/step.ts';
import type { Command } from '../model/world/command.ts';
import type { World } from '../model/world/world.ts';
import { UsageError } from './select/usage-error.ts';
import { OVERDUE, STEP_PATIENCE, watchedAtWork } from './watchdog.ts';

/** A step, or that there was none. */
export interface Attempt extends Step {
  /** Why `step` gave no answer: it threw. The world is then as it was. */
  readonly thrown?: string;
}

/**
 * One command in one world, whatever its rules make of it. `step` is total in sound worlds; in one that a defect has
 * corrupted it may meet what cannot be, as a kernel then does, and throw: that is an outcome of the command.
 * @throws UsageError where a user's own rule is to blame.
 */
export function attempt(world: World, command: Command, rules: Rules): Attempt {
  try {
    return step(world, command, rules);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    return unanswered(world, command, error);
  }
}

/** The same, but a step that does not return is stopped, and has no answer either. */
export function patientAttempt(world: World, command: Command, rules: Rules): Attempt {
  const done = watchedAtWork(STEP_PATIENCE, () => attempt(world, command, rules));
  return done === OVERDUE ? unanswered(world, command, DOES_NOT_RETURN) : done;
}

const DOES_NOT_RETURN = new Error('it does not return');

function unanswered(world: World, { command }: Command, error: unknown): Attempt {
  const result = { ok: false, errno: 'ENOTRECOVERABLE', out: {} } as const;
  const how = error === DOES_NOT_RETURN ? 'does not return' : `threw: ${textOf(error)}`;
  return { world, result, effects: [], thrown: `${command} ${how}` };
}

/** What an error says, in one line. */
export function textOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replaceAll(/\s+/g, ' ');
}
