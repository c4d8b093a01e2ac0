import type { Errno } from '../../spec/errno.ts';
import { VEVENTQ_FLAG_LOST_EVENTS } from '../../spec/iommufd/constants.ts';
import type { Rules } from '../rules.ts';
import type { Words } from '../world/command.ts';
import type { VeventNode, Veventq } from './objects.ts';

/** struct iommufd_vevent_header: flags and sequence, 32 bits each. */
export const HEADER_BYTES = 8;

const INT_MAX = 0x7fff_ffff;

/** Takes an event, or counts it as lost when the queue is full (rule R-32). Either consumes a sequence number. */
export function reportEvent(queue: Veventq, words: Words, rules: Rules): { queue: Veventq; lost: boolean } {
  const lost = queue.numEvents >= queue.depth;
  const last = queue.events.at(-1);
  const before = last?.words === null ? queue.events.slice(0, -1) : queue.events;
  const node: VeventNode = { sequence: queue.sequence, words: lost ? null : words };
  return {
    lost,
    queue: {
      ...queue,
      events: lost && !rules.veventqRecordsLoss() ? before : [...before, node],
      numEvents: lost ? queue.numEvents : queue.numEvents + 1,
      sequence: (queue.sequence + 1) & INT_MAX,
    },
  };
}

export interface EventsRead {
  readonly queue: Veventq;
  /** Bytes written to the reader's buffer. */
  readonly count: number;
  /** The buffer's content: per event a header word (flags, sequence) and the record's words. */
  readonly data: Words;
}

/**
 * read(): whole events, as many as fit. The first one not fitting is EINVAL and stays; an empty queue gives zero
 * bytes (rule R-33).
 */
export function readEvents(queue: Veventq, count: number, pos: number, rules: Rules): EventsRead | Errno {
  if (pos !== 0) return 'ESPIPE';
  if (count < HEADER_BYTES) return 'EINVAL';
  const data: bigint[] = [];
  let bytes = 0;
  let taken = 0;
  let normal = 0;
  for (const node of queue.events) {
    const size = HEADER_BYTES + (node.words === null ? 0 : node.words.length * 8);
    if (bytes + size > count) {
      if (taken === 0) return 'EINVAL';
      break;
    }
    data.push(headerWord(node));
    if (node.words !== null) data.push(...node.words);
    if (node.words !== null || rules.lostHeaderCountsAsEvent()) normal++;
    bytes += size;
    taken++;
  }
  const next =
    taken === 0
      ? queue
      : { ...queue, events: queue.events.slice(taken), numEvents: queue.numEvents - normal };
  return { queue: next, count: bytes, data };
}

function headerWord(node: VeventNode): bigint {
  const flags = node.words === null ? VEVENTQ_FLAG_LOST_EVENTS : 0;
  return (BigInt(node.sequence) << 32n) | BigInt(flags);
}
