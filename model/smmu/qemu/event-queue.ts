import { encode } from '../../../spec/bits.ts';
import { eventqProd, gerror } from '../../../spec/smmuv3/registers.ts';
import type { SmmuArchitectureRules } from '../architecture/rules.ts';
import { following, type QemuSmmu, raise } from './smmu.ts';

const [EVENTQ_ABT_ERR = 0n] = encode(gerror, { EVENTQ_ABT_ERR: 1 });

/** Whether an event was written, and the SMMU after it. */
export interface Recorded {
  readonly smmu: QemuSmmu;
  readonly written: boolean;
}

/** Writes one event record to the queue, if it is enabled and not full (IHI0070 7.2, 7.4). */
export function recordEvent(smmu: QemuSmmu, rules: SmmuArchitectureRules): Recorded {
  if (!smmu.eventsEnabled) return { smmu, written: false };
  const { log2Size, prod, cons } = smmu.eventQueue;
  const full = prod !== cons && prod % 2 ** log2Size === cons % 2 ** log2Size;
  if (full) return { smmu: overflow(smmu, rules), written: false };
  const eventQueue = { ...smmu.eventQueue, prod: following(prod, log2Size) };
  return { smmu: { ...smmu, eventQueue }, written: true };
}

function overflow(smmu: QemuSmmu, rules: SmmuArchitectureRules): QemuSmmu {
  if (rules.fullEventQueue === 'EVENTQ_ABT_ERR') return raise(smmu, Number(EVENTQ_ABT_ERR));
  return { ...smmu, eventQueue: { ...smmu.eventQueue, overflowed: true } };
}

/** A record could not be written: it is lost, with an error (IHI0070 7.2). */
export function abortEvent(smmu: QemuSmmu): QemuSmmu {
  return raise(smmu, Number(EVENTQ_ABT_ERR));
}

/** The driver has read every event: EVENTQ_CONS catches up with EVENTQ_PROD. */
export function consumeEvents(smmu: QemuSmmu): QemuSmmu {
  const { eventQueue } = smmu;
  if (eventQueue.cons === eventQueue.prod && !eventQueue.overflowed) return smmu;
  return { ...smmu, eventQueue: { ...eventQueue, cons: eventQueue.prod, overflowed: false } };
}

/** EVENTQ_PROD as the driver reads it. */
export function eventqProdOf({ eventQueue }: QemuSmmu): number {
  const [value = 0n] = encode(eventqProd, { WR: eventQueue.prod, OVFLG: Number(eventQueue.overflowed) });
  return Number(value);
}
