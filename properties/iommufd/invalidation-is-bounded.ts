import { followsCaches } from '../platforms.ts';
import type { StepProperty, Transition } from '../property.ts';

/** As many as a table of 4 KiB has entries: the bound that Linux took from its own TLB maintenance. */
const MOST = 512;

/** The longest list of commands that the driver put into a queue before a SYNC. */
function longest({ effects }: Transition): number {
  let most = 0;
  for (const effect of effects)
    if (effect.kind === 'smmuCommands' && effect.by === 'driver')
      most = Math.max(most, effect.commands.length);
  return most;
}

export const invalidationIsBounded: StepProperty = {
  id: 'invalidation-is-bounded',
  sentence: 'However much is unmapped, the driver waits for a bounded number of commands at a time.',
  source: 'iommu/arm-smmu-v3: Fix soft lockup triggered by arm_smmu_mm_invalidate_range (CVE-2023-52484)',
  kind: 'step',
  appliesTo: followsCaches,
  brokenBy: 'invalidation-page-by-page',
  violated(transition) {
    const most = longest(transition);
    return most > MOST ? `${transition.command.command} made the driver wait for ${most} commands` : null;
  },
  witness: (transition) => longest(transition) > 1,
};
