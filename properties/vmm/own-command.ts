import type { CommandPair } from '../../spec/smmuv3/illegal-command.ts';
import { OPCODE, opcodeOf } from '../own/command.ts';

/*
 * What of a guest's invalidation means something to the caches of a pSMMU, by bits of its words (IHI0070 4.3 to 4.5): nothing is
 * shared with the VMM that is judged.
 */

function mask(high: number, low: number): bigint {
  return (1n << BigInt(high + 1)) - (1n << BigInt(low));
}

const OPCODE_BITS = mask(7, 0);
const STREAM = mask(63, 32);
const ASID = mask(63, 48);
const SUBSTREAM = mask(31, 12);
const ADDRESS = mask(63, 12);
const LEAF = 1n;
/** NUM and SCALE of the first doubleword, TTL and TG of the second: of ranges only (IDR3.RIL). */
const LENGTH = mask(16, 12) | mask(24, 20);
const GRANULE = mask(11, 8);
const TG = mask(11, 10);
const TTL = mask(9, 8);

/** What a command is about: the tags of a whole vSMMU, or one stream. */
type About = 'tags' | 'stream';

interface Kind {
  readonly about: About;
  readonly first: bigint;
  readonly second: bigint;
}

const KINDS: ReadonlyMap<number, Kind> = new Map<number, Kind>([
  [OPCODE.CFGI_CD, { about: 'stream', first: STREAM | SUBSTREAM, second: LEAF }],
  [OPCODE.CFGI_CD_ALL, { about: 'stream', first: STREAM, second: 0n }],
  // The VMID is the kernel's affair.
  [OPCODE.NH_ALL, { about: 'tags', first: 0n, second: 0n }],
  [OPCODE.NH_ASID, { about: 'tags', first: ASID, second: 0n }],
  [OPCODE.NH_VA, { about: 'tags', first: ASID | LENGTH, second: ADDRESS | GRANULE | LEAF }],
  [OPCODE.NH_VAA, { about: 'tags', first: LENGTH, second: ADDRESS | GRANULE | LEAF }],
  [OPCODE.NSNH_ALL, { about: 'tags', first: 0n, second: 0n }],
  // Global and SSV too, and Size.
  [
    OPCODE.ATC_INV,
    { about: 'stream', first: STREAM | SUBSTREAM | mask(9, 9) | mask(11, 11), second: ADDRESS | mask(5, 0) },
  ],
]);

/** By address. */
const RANGED = new Set<number>([OPCODE.NH_VA, OPCODE.NH_VAA]);

function kindOf(words: CommandPair): Kind | undefined {
  return KINDS.get(opcodeOf(words));
}

/** What a guest's command is about of what only the host can invalidate; null: it is no such command. */
export function aboutOf(words: CommandPair): About | null {
  return kindOf(words)?.about ?? null;
}

export function isAtcInv(words: CommandPair): boolean {
  return opcodeOf(words) === OPCODE.ATC_INV;
}

/** A text that two commands share if they ask for the same. `ranges`: the vSMMU has range invalidation. */
export function essenceOf([first, second]: CommandPair, ranges: boolean): string {
  const kind = kindOf([first, second]);
  if (kind === undefined) return `${first & OPCODE_BITS}`;
  // Without a granule (TG), or with neither a length nor a level, a command is about one address, and all of a range means nothing.
  const isRange = ranges && (second & TG) !== 0n && ((first & LENGTH) | (second & TTL)) !== 0n;
  const [length, granule] = isRange || !RANGED.has(opcodeOf([first, second])) ? [0n, 0n] : [LENGTH, GRANULE];
  return `${first & (OPCODE_BITS | (kind.first & ~length))},${second & kind.second & ~granule}`;
}
