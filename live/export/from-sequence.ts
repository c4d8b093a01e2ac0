import { bootSystem, stepSystem } from '../../conformance/linux/system.ts';
import { bindResult, NO_BINDINGS, resolveCall } from '../../model/call.ts';
import type { Platform } from '../../model/platform/platform.ts';
import type { Rules } from '../../model/rules.ts';
import type { LiveSequence } from '../step.ts';
import type { Asserted } from './answer.ts';

/** The steps of a live run with the answers that the model gives: a program of them fails where a kernel says otherwise. */
export function fromSequence(platform: Platform, sequence: LiveSequence, rules: Rules): readonly Asserted[] {
  let system = bootSystem(platform, true);
  let bindings = NO_BINDINGS;
  return sequence.map((step) => {
    if (step.kind !== 'call') return { step, result: null };
    const { system: after, result } = stepSystem(system, resolveCall(step.call, bindings), rules);
    system = after;
    bindings = bindResult(step.call, result, bindings);
    return { step, result };
  });
}
