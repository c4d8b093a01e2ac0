import type { Override } from '../../model/rules.ts';

/** The producer index moved on, past a record of zeros. */
export const eventWordsNotWritten: Override = {
  name: 'event-words-not-written',
  kind: 'defect',
  summary: 'the event queue advances, but the record is not written to it',
  source: 'hw/arm/smmuv3: fix eventq recording and IRQ triggering (QEMU 9f4d2a1316)',
  foundBy: 'emulated-events-reach-the-queue',
  rules: { smmuArchitecture: { queuedEvent: (words) => words.map(() => 0n) } },
};
