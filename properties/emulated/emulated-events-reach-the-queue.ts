import { hasEmulatedSmmu } from '../platforms.ts';
import type { StepProperty, Transition, Violation } from '../property.ts';
import { answerText, emulatedAccess } from './emulation.ts';

/** A guest that empties its queue reads what was in it, and leaves nothing. */
function misread({ before, world, result }: Transition): Violation {
  if (!result.ok) return null;
  const there = (before.emulated?.events ?? []).flat();
  const read = (result.out.data ?? []) as readonly bigint[];
  if (read.join() !== there.join())
    return `of ${there.length} words in the queue the guest reads ${read.length}`;
  return world.emulated?.events.length === 0 ? null : 'what the guest has read is still in the queue';
}

export const emulatedEventsReachTheQueue: StepProperty = {
  id: 'emulated-events-reach-the-queue',
  sentence:
    "Every fault of an emulated SMMUv3 becomes an event in the guest's event queue, with the fault's fields, and the guest reads it there once.",
  source: 'IHI0070 7.2; hw/arm/smmuv3: fix eventq recording and IRQ triggering (QEMU 9f4d2a1316)',
  kind: 'step',
  appliesTo: hasEmulatedSmmu,
  brokenBy: 'event-words-not-written',
  violated(transition) {
    if (transition.command.command === 'emulatedEvents') return misread(transition);
    const access = emulatedAccess(transition);
    if (access === null || access.answer.event === undefined) return null;
    const queued = transition.world.emulated?.events.at(-1) ?? [];
    const reported = answerText(access.answer);
    const found = answerText({ event: queued });
    return reported === found ? null : `the SMMU reports ${reported}, the queue has ${found}`;
  },
  witness: (transition) => emulatedAccess(transition)?.answer.event !== undefined,
};
