import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { takesWhole } from '../../../../model/caches/pages.ts';
import type { IommuHardware, Platform } from '../../../../model/platform/platform.ts';
import { intended } from '../../../../model/rules.ts';
import { coverageOf } from '../../../../model/smmu/machine/covers.ts';
import { tlbEntry } from '../../../../model/smmu/machine/entry.ts';
import { ENTRY_PIECES } from '../../../../model/smmu/machine/entry-pieces.ts';
import { update } from '../../../../spec/bits.ts';
import { encodeCommand } from '../../../../spec/smmuv3/command.ts';
import { idr3 } from '../../../../spec/smmuv3/id-registers.ts';
import { guestDma } from '../../../../workload/scopes/guest-dma.ts';

const entry = (holds: 'stage2' | 'nested', first: number, pages: number) =>
  tlbEntry({
    ...{ smmu: 0, holds, vmid: 5, asid: holds === 'nested' ? 1 : null, out: 7, ipa: 7 },
    ...{ first, last: first + pages - 1, writable: true, read: true, write: true },
  });

const range = fc.record({
  page: fc.oneof(fc.nat(2 ** 12), fc.nat(2 ** 32 - 1)),
  NUM: fc.nat(31),
  SCALE: fc.oneof({ weight: 3, arbitrary: fc.nat(4) }, { weight: 1, arbitrary: fc.nat(31) }),
  TG: fc.nat(3),
  TTL: fc.nat(3),
});

/** Where an entry lies beside the edges of a range: `at` pages from its first (or last), `pages` long. */
const place = fc.record({
  end: fc.boolean(),
  at: fc.integer({ min: -3, max: 3 }),
  pages: fc.constantFrom(1, 1, 1, 2, 4),
});

const COMMANDS = ['TLBI_NH_VA', 'TLBI_NH_VAA', 'TLBI_S2_IPA'] as const;

/** What an SMMU with range invalidation must take away of 4 KiB pages (IHI0070 4.4.1), in addresses. */
function isWithin(
  { page, NUM, SCALE, TG, TTL }: { page: number; NUM: number; SCALE: number; TG: number; TTL: number },
  first: number,
  pages: number,
): boolean {
  if (TG !== 0 && TTL === 0 && NUM === 0 && SCALE === 0) return false;
  if (TG > 1 || (TG === 1 && TTL !== 0 && TTL !== 3)) return false;
  const start = BigInt(page) * 4096n;
  const bytes = TG === 0 ? 4096n : BigInt(NUM + 1) * 2n ** BigInt(SCALE) * 4096n;
  const low = BigInt(first) * 4096n;
  const high = BigInt(first + pages) * 4096n - 1n;
  return start <= low && high < start + bytes;
}

describe('a TLB invalidation by address', () => {
  it('covers exactly the pages of the range that the architecture says', () => {
    const seen = new Map<string, number>();
    const property = fc.property(
      fc.constantFrom(...COMMANDS),
      range,
      place,
      (name, fields, { end, at, pages }) => {
        const { page, NUM, SCALE, TG, TTL } = fields;
        const last = page + (TG === 0 ? 1 : (NUM + 1) * 2 ** SCALE);
        const first = Math.max(0, (end ? last : page) + at);
        const command = encodeCommand(name, {
          ...{ VMID: 5, NUM, SCALE, TG, TTL, Address: BigInt(page) * 4096n },
          ...(name === 'TLBI_NH_VA' ? { ASID: 1 } : {}),
        });
        const covers = coverageOf(guestDma.platform, 0, command, intended.smmuMachine);
        const expected = isWithin(fields, first, pages);
        const held = entry(name === 'TLBI_S2_IPA' ? 'stage2' : 'nested', first, pages);
        expect(takesWhole(ENTRY_PIECES, covers, held)).toBe(expected);
        const kind = `${TG === 0 ? 'single' : TG === 1 ? 'range' : 'other granule'} ${expected}`;
        seen.set(kind, (seen.get(kind) ?? 0) + 1);
      },
    );
    fc.assert(property, { numRuns: 3000 });
    expect([...seen.keys()].sort()).toEqual([
      'other granule false',
      'range false',
      'range true',
      'single false',
      'single true',
    ]);
  });

  it('is of one page where the pSMMU has no ranges', () => {
    const [hardware] = guestDma.platform.iommus as readonly [IommuHardware];
    const idr = [...hardware.idr];
    idr[3] = Number(update(idr3, [BigInt(idr[3] ?? 0)], { RIL: 0 })[0]);
    const platform: Platform = { ...guestDma.platform, iommus: [{ ...hardware, idr }] };
    const command = encodeCommand('TLBI_NH_VAA', { VMID: 5, TG: 1, TTL: 3, NUM: 3, Address: 0x1000n });
    const covered = (on: Platform) =>
      [1, 2, 3, 4, 5].filter((page) =>
        takesWhole(ENTRY_PIECES, coverageOf(on, 0, command, intended.smmuMachine), entry('nested', page, 1)),
      );
    expect(covered(guestDma.platform)).toEqual([1, 2, 3, 4]);
    expect(covered(platform)).toEqual([1]);
  });
});
