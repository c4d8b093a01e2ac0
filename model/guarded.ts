import { complaintOf } from './door.ts';
import type { Rules } from './rules.ts';
import { type Step, step } from './step.ts';
import type { Command } from './world/command.ts';
import { refused } from './world/result.ts';
import type { World } from './world/world.ts';

/**
 * One command in one world, for programs that make commands themselves. What is no command (`complaintOf`: an argument
 * is missing or out of its declared range, the actor is none) is answered EINVAL and changes nothing, whatever it is.
 * `step` itself, on the checker's hot path, takes what came through the door (`resolveCall`, `admitted`).
 */
export function guardedStep(world: World, command: Command, rules: Rules): Step {
  if (complaintOf(command) !== null) return { world, result: refused('EINVAL'), effects: [] };
  return step(world, command, rules);
}
