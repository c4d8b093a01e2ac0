import { smmuEvent } from '../../iommufd/eventq.ts';
import type { Words } from '../../world/command.ts';
import type { Tx } from '../../world/tx.ts';
import { withMachine } from './hardware.ts';
import type { EventQueue, Machine } from './machine.ts';

/** Records that the event queue of these pSMMUs has room for (EVENTQ_BASE.LOG2SIZE = 1). */
const EVENT_RECORDS = 2;

/** A pSMMU records an event; while the driver's thread does not run, its queue fills and overflows (IHI0070 7.4). */
export function recordEvent(tx: Tx, smmu: number, device: number, words: Words): void {
  const queue = queueOf(tx, smmu);
  if (!queue.delayed) {
    smmuEvent(tx, device, words);
    return;
  }
  if (queue.records.length < EVENT_RECORDS) {
    putQueue(tx, smmu, { ...queue, records: [...queue.records, { device, words }] });
    return;
  }
  tx.effects.push({ kind: 'eventLost', device, words });
  const overflowed = queue.overflowed || tx.rules.smmuArchitecture.fullEventQueue === 'OVFLG';
  if (overflowed !== queue.overflowed) putQueue(tx, smmu, { ...queue, overflowed });
}

/** The driver's thread reads all that is there, in order, and acknowledges an overflow (arm_smmu_evtq_thread()). */
export function readEventQueue(tx: Tx, smmu: number): EventQueue {
  const queue = queueOf(tx, smmu);
  putQueue(tx, smmu, { delayed: false, records: [], overflowed: false });
  for (const { device, words } of queue.records) smmuEvent(tx, device, words);
  return queue;
}

export function delayEventQueue(tx: Tx, smmu: number): void {
  putQueue(tx, smmu, { ...queueOf(tx, smmu), delayed: true });
}

export function queueOf(tx: Tx, smmu: number): EventQueue {
  return (tx.world.machine as Machine).eventQueues[smmu] as EventQueue;
}

function putQueue(tx: Tx, smmu: number, queue: EventQueue): void {
  const { eventQueues } = tx.world.machine as Machine;
  tx.world = withMachine(tx.world, {
    eventQueues: eventQueues.map((old, i) => (i === smmu ? queue : old)),
  });
}
