import { guestWord } from '../../model/platform/guest-memory.ts';
import type { Out } from '../../model/world/result.ts';
import { hasEmulatedSmmu } from '../platforms.ts';
import type { StepProperty } from '../property.ts';
import {
  answerText,
  type EmulatedAccess,
  emulatedAccess,
  isCold,
  sameAnswer,
  walkAnswer,
} from './emulation.ts';
import { ownWalk } from './own-walk.ts';

/** What a second reading of the architecture makes of an access; null: it says nothing. */
function ownAnswer({ hardware, emulated, args }: EmulatedAccess): Out | null {
  const { twin, memory } = emulated;
  if (!twin.enabled || twin.stes.kind !== 'memory' || args.ssv) return null;
  const { stream, iova: address, write } = args;
  const start = { idr: hardware.registers, table: twin.stes.table };
  const ended = ownWalk(start, { stream, address, write }, (at) => guestWord(hardware, memory, at));
  if (ended === 'unsaid') return null;
  if (ended === 'silent' || ('event' in ended && !twin.eventsEnabled)) return {};
  return ended;
}

export const architectureWalksAsWritten: StepProperty = {
  id: 'architecture-walks-as-written',
  sentence:
    'Where nothing is cached, a transaction ends as stream table, STE, CD and the tables of both stages say: at their address, or with the event of the first thing that is wrong.',
  source: 'IHI0070 3.3, 5.1 to 5.4, 7.3; VMSAv8-64; a second reading of both',
  kind: 'step',
  appliesTo: hasEmulatedSmmu,
  brokenBy: 'stream-table-size-ignored',
  violated(transition) {
    const access = emulatedAccess(transition);
    if (access === null) return null;
    const own = ownAnswer(access);
    // Where something is cached, what a walk would find is asked for: what becomes of the transaction may be another thing.
    const found = own === null ? null : isCold(access.emulated) ? access.answer : walkAnswer(access);
    if (own === null || found === null || sameAnswer(own, found)) return null;
    return `the walk ends at ${answerText(found)}, where the tables say ${answerText(own)}`;
  },
  witness(transition) {
    const access = emulatedAccess(transition);
    return access !== null && ownAnswer(access)?.address !== undefined;
  },
};
