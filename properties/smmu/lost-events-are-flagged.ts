import { followsCaches } from '../platforms.ts';
import type { StepProperty, Transition } from '../property.ts';

function lostBy({ world, effects }: Transition): number | null {
  for (const effect of effects)
    if (effect.kind === 'eventLost') return world.platform.devices[effect.device]?.iommu ?? null;
  return null;
}

export const lostEventsAreFlagged: StepProperty = {
  id: 'lost-events-are-flagged',
  sentence:
    'If a pSMMU drops an event because its queue is full, the driver can see that until it has read the queue.',
  source: 'IHI0070 7.4 (EVENTQ_PROD.OVFLG)',
  kind: 'step',
  brokenBy: 'full-event-queue-is-gerror',
  appliesTo: followsCaches,
  violated(transition) {
    const smmu = lostBy(transition);
    if (smmu === null || transition.world.machine?.eventQueues[smmu]?.overflowed === true) return null;
    return `an event is lost, and OVFLG of pSMMU ${smmu} does not say so`;
  },
  witness: (transition) => lostBy(transition) !== null,
};
