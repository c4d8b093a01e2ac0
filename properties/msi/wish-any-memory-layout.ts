import type { StepProperty, Transition } from '../property.ts';
import { argsOf } from '../vmm/look.ts';
import { followsInterrupts } from './platforms.ts';

/** What attaching a device that is plugged came to; null for other steps. */
function attached(transition: Transition): string | null {
  if (argsOf(transition, 'plug') === null) return null;
  for (const effect of transition.effects) {
    if (effect.kind === 'vmmCall' && effect.command.command === 'vfioAttach')
      return effect.result.ok ? 'ok' : effect.result.errno;
  }
  return null;
}

export const anyMemoryLayout: StepProperty = {
  id: 'any-memory-layout',
  sentence: "A device can be plugged wherever the machine's memory lies.",
  source:
    'seed 004, Robin Murphy: "rather than relying on userspace to say where to put it"; Nicolin Chen: "a hard-coding window"',
  kind: 'step',
  appliesTo: followsInterrupts,
  wish: true,
  brokenBy: 'intended',
  violated: (transition) =>
    attached(transition) === 'EADDRINUSE'
      ? 'memory of the machine lies where the kernel wants doorbells'
      : null,
  witness: (transition) => attached(transition) === 'ok',
};
