import { bootSystem, stepSystem } from '../conformance/linux/system.ts';
import { bindResult, NO_BINDINGS, resolveCall } from '../model/call.ts';
import type { Platform } from '../model/platform/platform.ts';
import type { Rules } from '../model/rules.ts';
import { ALL_IOCTLS, type CommandName } from '../model/world/command.ts';
import type { World } from '../model/world/world.ts';
import { exitReturnsEverything } from '../properties/iommufd/exit-returns-everything.ts';
import type { LiveSequence } from './step.ts';

/*
 * A kernel with certain deviations is not as before when a process has died. Runs after such a one would answer otherwise than
 * the model, which begins each anew, so it is run alone, and the target is started again behind it.
 */

/** Calls by which something can stay that outlives its process. */
const KEEPING: ReadonlySet<CommandName> = new Set(['ioasMapFile', 'vfioSetIrqs']);

/** The same, as recordings call them. */
export const KEEPING_IOCTLS: ReadonlySet<string> = new Set(
  [ALL_IOCTLS.ioasMapFile, ALL_IOCTLS.vfioSetIrqs].map(({ name }) => name),
);

export function canKeep(command: CommandName): boolean {
  return KEEPING.has(command);
}

/** What stays when the process of a world has died, in words; null: nothing. */
export function leftBehind(world: World, rules: Rules): string | null {
  return exitReturnsEverything.violated(world, rules);
}

/** Equal for what is left in the same way. */
export function kindOfLeft(left: string): string {
  return left.replaceAll(/[0-9a-f]{4}:\S+|\d+/g, '#');
}

/** What a sequence is expected to leave behind. */
export function leavesBehind(platform: Platform, sequence: LiveSequence, rules: Rules): string | null {
  if (!sequence.some((step) => step.kind === 'call' && canKeep(step.call.command))) return null;
  let system = bootSystem(platform, true);
  let bindings = NO_BINDINGS;
  for (const step of sequence) {
    if (step.kind !== 'call') continue;
    const { system: after, result } = stepSystem(system, resolveCall(step.call, bindings), rules);
    system = after;
    bindings = bindResult(step.call, result, bindings);
  }
  return leftBehind(system.world, rules);
}
