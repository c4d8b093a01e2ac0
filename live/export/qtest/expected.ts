import { emulationOf } from '../../../conformance/emulated/emulation-of.ts';
import { bootWorld } from '../../../model/boot.ts';
import { type Call, NO_BINDINGS, resolveCall } from '../../../model/call.ts';
import type { Platform } from '../../../model/platform/platform.ts';
import type { Rules } from '../../../model/rules.ts';
import { step } from '../../../model/step.ts';
import type { EmulatedRun } from './run.ts';

/** Calls with what the model says is to be seen behind each. */
export function expectedRun(platform: Platform, calls: readonly Call[], rules: Rules): EmulatedRun {
  const emulation = emulationOf(platform);
  let world = bootWorld(platform);
  const steps = calls.map((call) => {
    const command = resolveCall(call, NO_BINDINGS);
    const after = step(world, command, rules);
    const seen = emulation.seenOf(world, command, after);
    world = after.world;
    return { call, seen };
  });
  return { platform, steps, rules };
}
