import { hasFreeVsmmus } from '../platforms.ts';
import type { StepProperty, Transition } from '../property.ts';

function reached({ effects }: Transition): number {
  let count = 0;
  for (const effect of effects)
    if (effect.kind === 'smmuCommands' && effect.by === 'guest') count += effect.commands.length;
  return count;
}

export const invalidationProgressIsReal: StepProperty = {
  id: 'invalidation-progress-is-real',
  sentence:
    'The number of entries that HWPT_INVALIDATE reports as handled is the number that reached the hardware.',
  source: 'include/uapi/linux/iommufd.h: struct iommu_hwpt_invalidate, entry_num',
  kind: 'step',
  appliesTo: hasFreeVsmmus,
  brokenBy: 'invalidate-drops-converted',
  violated(transition) {
    const { command, result } = transition;
    if (command.command !== 'hwptInvalidate' || result.out.entryNum === undefined) return null;
    // Another call is finished first, with commands of its own.
    if (transition.before.machine?.work != null) return null;
    const told = Number(result.out.entryNum);
    const real = reached(transition);
    return told === real ? null : `entry_num says ${told} were handled, but ${real} reached the pSMMU`;
  },
  witness: (transition) =>
    !transition.result.ok && transition.result.out.entryNum !== undefined && reached(transition) > 0,
};
