import { guestWord } from '../../model/platform/guest-memory.ts';
import type { QemuSmmu } from '../../model/smmu/qemu/smmu.ts';
import type { Out } from '../../model/world/result.ts';
import { field as addressField, bits, type ReadWord } from '../own/bits.ts';
import { hasEmulatedSmmu } from '../platforms.ts';
import type { StepProperty, Transition } from '../property.ts';
import { answerText, emulatedAccess, isCold } from './emulation.ts';
import { streamEntry } from './stream-table.ts';

type Implementation = QemuSmmu['implementation'];

/** What a stream's entry means before any address is looked at; `open`: what follows it decides. */
type Meaning = 'C_BAD_STREAMID' | 'F_STE_FETCH' | 'C_BAD_STE' | 'abort' | 'open';

/** The event numbers of what can be wrong with the entry (IHI0070 7.3). */
const EVENTS: ReadonlyMap<Meaning, bigint> = new Map([
  ['C_BAD_STREAMID', 0x02n],
  ['F_STE_FETCH', 0x03n],
  ['C_BAD_STE', 0x04n],
]);

/** What is met where no entry is found. */
const MISSING = { none: 'C_BAD_STREAMID', unreadable: 'F_STE_FETCH' } as const;

const EVENT_NUMBER = 0xffn;

/** Bits of an entry, counted from its first doubleword on. */
function field(entry: readonly bigint[], bit: number, width: number): number {
  return bits(entry[bit >> 6], bit & 63, width);
}

/** Whether the fields of stage 1 alone are illegal (IHI0070 5.2: S1CDMax, S1DSS, S1Fmt, S1STALLD, S1ContextPtr, STRW, EATS). */
function isIllegalStage1(words: readonly bigint[], { idr0, idr1, oas }: Implementation): boolean {
  if (idr0.S1P === 0) return true;
  const substreams = idr1.SSIDSIZE === 0 ? 0 : field(words, 59, 5);
  const format = field(words, 4, 2);
  if (substreams > idr1.SSIDSIZE) return true;
  if (substreams > 0 && (field(words, 64, 2) === 3 || format === 3 || (format > 0 && idr0.CD2L === 0)))
    return true;
  // Stalls can be disabled only where they are a choice (STALL_MODEL = 0b00).
  if (field(words, 91, 1) === 1 && idr0.STALL_MODEL !== 0) return true;
  if (addressField(words[0], 6, 55) >> BigInt(oas) !== 0n) return true;
  const regime = field(words, 94, 2);
  if (regime !== 0 && (regime !== 2 || idr0.HYP === 0)) return true;
  // Split-stage ATS needs both stages.
  return idr0.ATS === 1 && field(words, 92, 2) === 2;
}

/** Null: an entry with a stage 2, whose fields are not judged here. */
function meaningOf(words: readonly bigint[], implementation: Implementation): Meaning | null {
  if (field(words, 0, 1) === 0) return 'C_BAD_STE';
  const config = field(words, 1, 3);
  if (config < 4) return 'abort';
  if (config === 4) return 'open';
  if (config === 5) return isIllegalStage1(words, implementation) ? 'C_BAD_STE' : 'open';
  return implementation.idr0.S2P === 0 ? 'C_BAD_STE' : null;
}

interface Seen {
  readonly meaning: Meaning;
  readonly answer: Out;
  readonly recorded: boolean;
}

function seen(transition: Transition): Seen | null {
  const access = emulatedAccess(transition);
  if (access === null || !isCold(access.emulated) || !access.emulated.twin.enabled) return null;
  const { hardware, emulated, args, answer } = access;
  const { implementation, stes, eventsEnabled } = emulated.twin;
  if (stes.kind !== 'memory') return null;
  const read: ReadWord = (address) => guestWord(hardware, emulated.memory, address);
  const found = streamEntry(stes.table, implementation.idr1.SIDSIZE, args.stream, read);
  const meaning = typeof found === 'string' ? MISSING[found] : meaningOf(found, implementation);
  return meaning === null ? null : { meaning, answer, recorded: eventsEnabled };
}

function isAsMeant({ meaning, answer, recorded }: Seen): boolean {
  const words = (answer.event ?? null) as readonly bigint[] | null;
  const number = words === null ? null : (words[0] ?? 0n) & EVENT_NUMBER;
  if (meaning === 'open') return number === null || ![...EVENTS.values()].includes(number);
  if (answer.address !== undefined) return false;
  return number === (recorded ? (EVENTS.get(meaning) ?? null) : null);
}

export const emulatedStreamIsConfiguredAsWritten: StepProperty = {
  id: 'emulated-stream-is-configured-as-written',
  sentence:
    'With empty caches, an emulated SMMUv3 finds the STE that the guest has written for a StreamID. It refuses an entry that is illegal, without stage 2, and no other.',
  source: 'IHI0070 3.3.1, 5.1, 5.2, 7.3.3 to 7.3.5',
  kind: 'step',
  appliesTo: hasEmulatedSmmu,
  brokenBy: 'stream-table-size-ignored',
  violated(transition) {
    const found = seen(transition);
    if (found === null || isAsMeant(found)) return null;
    return `the emulation gives ${answerText(found.answer)}, and the stream's entry means ${found.meaning === 'open' ? 'a translation' : found.meaning}`;
  },
  witness(transition) {
    const found = seen(transition);
    return found?.meaning === 'open' && found.answer.address !== undefined;
  },
};
