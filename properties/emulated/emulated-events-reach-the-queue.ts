import { hasEmulatedSmmu } from '../platforms.ts';
import type { StepProperty } from '../property.ts';
import { answerText, emulatedAccess } from './emulation.ts';

export const emulatedEventsReachTheQueue: StepProperty = {
  id: 'emulated-events-reach-the-queue',
  sentence:
    "Every fault of an emulated SMMUv3 becomes an event in the guest's event queue, with the fault's fields.",
  source: 'IHI0070 7.2; hw/arm/smmuv3: fix eventq recording and IRQ triggering (QEMU 9f4d2a1316)',
  kind: 'step',
  appliesTo: hasEmulatedSmmu,
  brokenBy: 'event-words-not-written',
  violated(transition) {
    const access = emulatedAccess(transition);
    if (access === null || access.answer.event === undefined) return null;
    const queued = transition.world.emulated?.events.at(-1) ?? [];
    const reported = answerText(access.answer);
    const found = answerText({ event: queued });
    return reported === found ? null : `the SMMU reports ${reported}, the queue has ${found}`;
  },
  witness: (transition) => emulatedAccess(transition)?.answer.event !== undefined,
};
