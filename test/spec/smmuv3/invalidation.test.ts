import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressesNamed, steRangeHas } from '../../../spec/smmuv3/invalidation.ts';

describe('CMD_CFGI_STE_RANGE', () => {
  it('names 2^(Range + 1) StreamIDs, aligned', () => {
    const names = (start: number, range: number) =>
      Array.from({ length: 16 }, (_, id) => id).filter((id) => steRangeHas(start, range, id));
    expect(names(5, 0)).toEqual([4, 5]);
    expect(names(5, 1)).toEqual([4, 5, 6, 7]);
    expect(names(9, 2)).toEqual([8, 9, 10, 11, 12, 13, 14, 15]);
  });

  it('with Range 31 names every StreamID', () => {
    fc.assert(fc.property(fc.nat(), fc.nat(), (start, id) => steRangeHas(start, 31, id)));
  });
});

describe('a TLB invalidation by address', () => {
  const fields = { Address: 0x4000_3123n, TG: 1, TTL: 0, NUM: 3, SCALE: 1 };

  it('names (NUM + 1) * 2^SCALE granules', () => {
    expect(addressesNamed(fields, { ranges: true })).toEqual({ first: 0x4000_3000n, last: 0x4000_afffn });
    expect(addressesNamed({ ...fields, TG: 3 }, { ranges: true })).toEqual({
      first: 0x4000_0000n,
      last: 0x4007_ffffn,
    });
  });

  it.each([
    ['where TG asks for no range', { ...fields, TG: 0 }, true],
    ['where the SMMU has no ranges', fields, false],
  ])('names a page %s', (_where, given, ranges) => {
    expect(addressesNamed(given, { ranges })).toEqual({ first: 0x4000_3000n, last: 0x4000_3fffn });
  });

  it('names nothing of another granule or level', () => {
    expect(addressesNamed(fields, { ranges: true, granule: 16 })).toBeNull();
    expect(addressesNamed({ ...fields, TTL: 2 }, { ranges: true, granule: 12, level: 3 })).toBeNull();
    expect(addressesNamed({ ...fields, TTL: 3 }, { ranges: true, granule: 12, level: 3 })).not.toBeNull();
  });
});
