import type { Errno } from '../../spec/errno.ts';
import { VEVENTQ_FLAG_LOST_EVENTS } from '../../spec/iommufd/constants.ts';
import type { Reader, Words } from '../world/command.ts';
import type { Rules } from '../world/rules.ts';
import type { VeventNode, Veventq } from './objects.ts';

/** struct iommufd_vevent_header: flags and sequence, 32 bits each. */
export const HEADER_BYTES = 8;

const INT_MAX = 0x7fff_ffff;

/** Takes an event, or counts it as lost when the queue is full (rule R-32). Either consumes a sequence number. */
export function reportEvent(
  queue: Veventq,
  words: Words,
  rules: Rules,
  bytes?: number,
): { queue: Veventq; lost: boolean } {
  const lost = queue.numEvents >= queue.depth;
  const last = queue.events.at(-1);
  const before = last?.words === null ? queue.events.slice(0, -1) : queue.events;
  const record = { sequence: queue.sequence, words: lost ? null : words };
  const node: VeventNode = bytes === undefined || lost ? record : { ...record, bytes };
  return {
    lost,
    queue: {
      ...queue,
      events: lost && !rules.iommufd.veventqRecordsLoss ? before : [...before, node],
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
 * bytes (rule R-33). An event that cannot be copied is EFAULT and stays too, and only a reader who got events before
 * is told of those instead. The header of lost events is copied before it is handed out, which takes memory.
 */
export function readEvents(queue: Veventq, reader: Reader, rules: Rules): EventsRead | Errno {
  if (reader.pos !== 0) return 'ESPIPE';
  if (reader.count < HEADER_BYTES)
    return rules.iommufd.shortReadIsRefused ? 'EINVAL' : { queue, count: 0, data: [] };
  const data: bigint[] = [];
  let bytes = 0;
  let taken = 0;
  let normal = 0;
  let errno: Errno | null = null;
  for (const node of queue.events) {
    const size = HEADER_BYTES + recordBytes(node);
    if (node.words === null && reader.noMemory) {
      errno = rules.iommufd.tellsNoMemory ? 'ENOMEM' : null;
      break;
    }
    if (bytes + size > reader.count) {
      errno = 'EINVAL';
      break;
    }
    if (bytes + size > reader.writable) {
      errno = 'EFAULT';
      const headerCopied = bytes + HEADER_BYTES <= reader.writable;
      if (headerCopied && !rules.iommufd.failedCopyTakesHeaderBack) {
        append(data, bytes, [headerWord(node, rules)]);
        bytes += HEADER_BYTES;
      }
      break;
    }
    append(data, bytes, [headerWord(node, rules)]);
    if (node.words !== null) append(data, bytes + HEADER_BYTES, node.words);
    if (node.words !== null || rules.iommufd.lostHeaderCountsAsEvent) normal++;
    bytes += size;
    taken++;
  }
  if (bytes === 0 && errno !== null) return errno;
  const next =
    taken === 0
      ? queue
      : { ...queue, events: queue.events.slice(taken), numEvents: queue.numEvents - normal };
  return { queue: next, count: bytes, data };
}

function recordBytes({ words, bytes }: VeventNode): number {
  return bytes ?? (words === null ? 0 : words.length * 8);
}

/** Puts words behind so many bytes, which may end in the middle of a word. */
function append(data: bigint[], bytes: number, words: Words): void {
  const shift = BigInt((bytes % 8) * 8);
  for (const [at, word] of words.entries()) {
    const first = Math.floor(bytes / 8) + at;
    data[first] = (data[first] ?? 0n) | BigInt.asUintN(64, word << shift);
    if (shift !== 0n && word >> (64n - shift) !== 0n) data[first + 1] = word >> (64n - shift);
  }
}

function headerWord(node: VeventNode, rules: Rules): bigint {
  const flags = node.words === null ? VEVENTQ_FLAG_LOST_EVENTS : rules.iommufd.eventHeaderFlags;
  return (BigInt(node.sequence) << 32n) | BigInt(flags);
}
