import type { Rules } from '../model/rules.ts';
import { type Step, step } from '../model/step.ts';
import type { Command } from '../model/world/command.ts';
import type { World } from '../model/world/world.ts';
import { UsageError } from './select/usage-error.ts';

/** A step, or that there was none. */
export interface Attempt extends Step {
  /** Why `step` gave no answer. The world is then as it was. */
  readonly thrown?: string;
}

/** A way of making a command. */
export type Answer = (world: World, command: Command, rules: Rules) => Attempt;

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
    return unanswered(world, command, `threw: ${textOf(error)}`);
  }
}

/** That a command had no answer, and why. */
export function unanswered(world: World, { command }: Command, how: string): Attempt {
  const result = { ok: false, errno: 'ENOTRECOVERABLE', out: {} } as const;
  return { world, result, effects: [], thrown: `${command} ${how}` };
}

/** What an error says, in one line. */
export function textOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replaceAll(/\s+/g, ' ');
}
