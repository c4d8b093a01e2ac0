import { maskOf } from '../../../spec/bits.ts';
import { events } from '../../../spec/smmuv3/event.ts';
import type { Words } from '../../world/command.ts';
import type { Rules } from '../../world/rules.ts';
import type { EventRoute } from './driver.ts';

const TYPE = 0xffn;

/** Events that can be a guest's doing; all others are the host's business. */
const GUEST_EVENTS: ReadonlySet<bigint> = new Set(
  [
    events.C_BAD_STE,
    events.F_STREAM_DISABLED,
    events.C_BAD_SUBSTREAMID,
    events.C_BAD_CD,
    events.F_TRANSLATION,
    events.F_ADDR_SIZE,
    events.F_ACCESS,
    events.F_PERMISSION,
  ].map((event) => BigInt(event.type)),
);

const STREAM_ID = maskOf(events.F_TRANSLATION.layout, ['StreamID'])[0] as bigint;
const STREAM_ID_SHIFT = BigInt(events.F_TRANSLATION.layout.fields.StreamID.lsb);
const STALL = maskOf(events.F_TRANSLATION.layout, ['Stall'])[1] as bigint;
const S2 = maskOf(events.F_TRANSLATION.layout, ['S2'])[1] as bigint;

/**
 * arm_smmu_handle_event() (rule R-35): an event of a device on a nested domain goes to its vIOMMU under its virtual
 * StreamID, unless it stalled (a page request) or stage 2 caused it.
 */
export function routeEvent(words: Words, vsid: bigint | null, rules: Rules): EventRoute {
  const [word0 = 0n, word1 = 0n, word2 = 0n, word3 = 0n] = words;
  const forGuest =
    vsid !== null &&
    GUEST_EVENTS.has(word0 & TYPE) &&
    (word1 & STALL) === 0n &&
    ((word1 & S2) === 0n || !rules.smmuDriver.stage2FaultsStayWithHost);
  if (!forGuest) return { to: 'host' };
  return {
    to: 'guest',
    words: [(word0 & ~STREAM_ID) | ((vsid << STREAM_ID_SHIFT) & STREAM_ID), word1, word2, word3],
  };
}
