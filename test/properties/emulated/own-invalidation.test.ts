import { describe, expect, it } from 'vitest';
import { namesConfiguration, namesTranslation } from '../../../properties/emulated/own-invalidation.ts';
import type { Pair } from '../../../properties/own/command.ts';
import { encodeCommand } from '../../../spec/smmuv3/command.ts';

/** A page of 4 KiB at 0x5000, under VMID 1 and ASID 2. */
const PAGE = { asid: 2, vmid: 1, granule: 12, level: 3, input: 0x5000n, shift: 12 };
const BLOCK = { ...PAGE, level: 2, input: 0x20_0000n, shift: 21 };
const OF_STAGE2 = { ...PAGE, asid: -1 };

describe('the second reading of invalidation commands', () => {
  it('goes by VMID, ASID and stage', () => {
    const all: Pair = encodeCommand('TLBI_NH_ALL', { VMID: 1 });
    expect(namesTranslation(all, PAGE, true)).toBe(true);
    expect(namesTranslation(all, OF_STAGE2, true)).toBe(false);
    expect(namesTranslation(all, { ...PAGE, vmid: 0x101 }, true)).toBe(false);
    const asid = encodeCommand('TLBI_NH_ASID', { VMID: 1, ASID: 2 });
    expect(namesTranslation(asid, PAGE, true)).toBe(true);
    expect(namesTranslation(asid, { ...PAGE, asid: 0x102 }, true)).toBe(false);
    expect(namesTranslation(encodeCommand('TLBI_S12_VMALL', { VMID: 1 }), OF_STAGE2, true)).toBe(true);
    expect(namesTranslation(encodeCommand('TLBI_NSNH_ALL'), { ...PAGE, vmid: 7 }, true)).toBe(true);
  });

  it('takes a range from its first granule to its last', () => {
    const range = (Address: bigint, NUM: number, SCALE = 0, TTL = 0) =>
      encodeCommand('TLBI_NH_VA', { VMID: 1, ASID: 2, Address, TG: 1, NUM, SCALE, TTL });
    expect(namesTranslation(range(0x3000n, 2), PAGE, true)).toBe(true);
    expect(namesTranslation(range(0x3000n, 1), PAGE, true)).toBe(false);
    expect(namesTranslation(range(0x2000n, 1, 1), PAGE, true)).toBe(true);
    expect(namesTranslation(range(0x5000n, 0, 0, 2), PAGE, true)).toBe(false);
    expect(namesTranslation(range(0x20_3000n, 0, 0, 2), BLOCK, true)).toBe(true);
  });

  it('knows no ranges without RIL', () => {
    const range = encodeCommand('TLBI_S2_IPA', { VMID: 1, Address: 0x3000n, TG: 1, NUM: 4 });
    expect(namesTranslation(range, OF_STAGE2, true)).toBe(true);
    expect(namesTranslation(range, OF_STAGE2, false)).toBe(false);
  });

  it('takes configurations by StreamID, and CDs only where one was read', () => {
    expect(namesConfiguration(encodeCommand('CFGI_STE', { StreamID: 3 }), 3, false)).toBe(true);
    expect(namesConfiguration(encodeCommand('CFGI_CD', { StreamID: 3 }), 3, false)).toBe(false);
    expect(namesConfiguration(encodeCommand('CFGI_CD', { StreamID: 3 }), 3, true)).toBe(true);
    expect(namesConfiguration(encodeCommand('CFGI_CD_ALL', { StreamID: 2 }), 3, true)).toBe(false);
    const range = encodeCommand('CFGI_STE_RANGE', { StreamID: 5, Range: 1 });
    expect([3, 4, 7, 8].map((stream) => namesConfiguration(range, stream, false))).toEqual([
      false,
      true,
      true,
      false,
    ]);
    expect(namesConfiguration(encodeCommand('CFGI_STE_RANGE', { Range: 31 }), 0xffff_ffff, false)).toBe(true);
  });
});
