import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { updateEntry } from '../../../../model/smmu/driver/entry-update.ts';
import { ABORT_STE, INVALID_STE, stage1Ste, stage2Ste } from '../../../../model/smmu/driver/ste.ts';
import { STE_FORMAT, steUsedBits } from '../../../../model/smmu/driver/ste-format.ts';
import { decode, encode } from '../../../../spec/bits.ts';
import { ste } from '../../../../spec/smmuv3/ste.ts';
import { smmu } from '../../../../workload/scopes/hardware.ts';

const hardware = smmu('smmu0');
const BYPASS = encode(ste, { V: 1, Config: 0b100 });
const ENTRIES = [
  INVALID_STE,
  ABORT_STE,
  BYPASS,
  stage1Ste(0x1000n),
  stage1Ste(0x2000n),
  stage2Ste(hardware, 1, 0x10_0000_0000n),
  stage2Ste(hardware, 2, 0x10_1000_0000n),
];
const entry = fc.constantFrom(...ENTRIES);

/** What the SMMU makes of an entry: its used bits, or nothing where V=0. */
const seen = (words: readonly bigint[]): string => {
  const used = steUsedBits(words);
  return words.map((word, i) => (word & (used[i] ?? 0n)).toString(16)).join();
};

describe('an entry update', () => {
  test.prop([entry, entry])('ends in the target and never shows a third valid entry', (from, to) => {
    const values = updateEntry(from, to, STE_FORMAT);
    expect([from, ...values].at(-1)).toEqual(to);
    for (const value of values) {
      if (decode(ste, value).V === 1) expect([seen(from), seen(to)]).toContain(seen(value));
    }
  });

  test.prop([entry, entry])(
    'changes one doubleword that the SMMU looks at, or goes through V=0',
    (from, to) => {
      const through = updateEntry(from, to, STE_FORMAT).some((value) => decode(ste, value).V === 0);
      const used = steUsedBits(to).map((bits, i) => bits | (steUsedBits(from)[i] ?? 0n));
      const differing = from.filter((word, i) => ((word ^ (to[i] ?? 0n)) & (used[i] ?? 0n)) !== 0n).length;
      if (differing <= 1 && decode(ste, to).V === 1 && decode(ste, from).V === 1) expect(through).toBe(false);
    },
  );

  it('writes nothing where nothing changes', () => {
    for (const same of ENTRIES) expect(updateEntry(same, [...same], STE_FORMAT)).toEqual([]);
  });
});
