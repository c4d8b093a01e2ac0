import { describe, expect, it } from 'vitest';
import { cutBy, isHeld, leftOf, takesWhole } from '../../../../model/caches/pages.ts';
import { atcEntry, type Entry, tlbEntry } from '../../../../model/smmu/machine/entry.ts';
import { ENTRY_PIECES } from '../../../../model/smmu/machine/entry-pieces.ts';

/** Pages 4 to 9, which lead to pages from 20 on. */
const RUN = { first: 4, last: 9, out: 20, read: true, write: false };
const ATC = atcEntry({ stream: 1, ssid: 2, ...RUN });
const TLB = tlbEntry({ smmu: 0, holds: 'nested', vmid: 3, asid: 5, ipa: 40, writable: true, ...RUN });

const taking = (first: number, last: number) => () => [{ first, last }];

describe.each<[string, Entry, (first: number, last: number, out: number) => Entry]>([
  ['an ATC', ATC, (first, last, out) => atcEntry({ ...ATC, first, last, out })],
  ['a TLB', TLB, (first, last, out) => tlbEntry({ ...TLB, first, last, out, ipa: out + 20 })],
])('a run of %s', (_cache, entry, part) => {
  it('of which an invalidation takes the middle is left in two pieces that lead where it did', () => {
    expect(leftOf(ENTRY_PIECES, taking(6, 7), entry)).toEqual([part(4, 5, 20), part(8, 9, 24)]);
  });

  it('is cut where invalidations begin and end', () => {
    expect(cutBy(ENTRY_PIECES, [taking(0, 4), taking(8, 20)], entry)).toEqual([
      part(4, 4, 20),
      part(5, 7, 21),
      part(8, 9, 24),
    ]);
  });

  it.each([
    [4, 9, true],
    [0, 20, true],
    [5, 9, false],
    [4, 8, false],
  ])('is gone as a whole by pages %i to %i: %s', (first, last, whole) => {
    expect(takesWhole(ENTRY_PIECES, taking(first, last), entry)).toBe(whole);
  });

  it('holds its parts, and no pages beside them', () => {
    const held = new Map([[entry.key, entry]]);
    expect(isHeld(ENTRY_PIECES, held, part(5, 7, 21))).toBe(true);
    expect(isHeld(ENTRY_PIECES, held, part(5, 7, 22))).toBe(false);
    expect(isHeld(ENTRY_PIECES, held, part(3, 7, 19))).toBe(false);
    expect(isHeld(ENTRY_PIECES, held, part(5, 10, 21))).toBe(false);
  });
});
