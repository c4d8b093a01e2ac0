import { sameState } from '../../model/world/equal.ts';
import { hasVsmmu } from '../platforms.ts';
import type { StepProperty, Transition } from '../property.ts';
import { argsOf } from './look.ts';

/** Whether a step is a plug that was refused after the VMM had called the kernel. */
function refusedLate(transition: Transition): boolean {
  if (argsOf(transition, 'plug') === null || transition.result.ok) return false;
  return transition.effects.some(({ kind }) => kind === 'vmmCall');
}

export const refusedPlugLeavesNoTrace: StepProperty = {
  id: 'refused-plug-leaves-no-trace',
  sentence: 'A plug that is refused leaves the machine and the kernel as they were.',
  source: 'seed 000, Jason Gunthorpe: "you cannot later attach a VFIO device … but that is fine"',
  kind: 'step',
  appliesTo: hasVsmmu,
  brokenBy: 'failed-plug-leaves-objects',
  violated(transition) {
    const { before, world, result } = transition;
    if (!refusedLate(transition) || before === world || sameState(before, world) || result.ok) return null;
    const what = sameState(before.vms, world.vms) ? 'the kernel has' : 'the VMM has';
    return `plug was refused with ${result.errno}, yet ${what} changed`;
  },
  witness: refusedLate,
};
