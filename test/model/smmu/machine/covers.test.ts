import { describe, expect, it } from 'vitest';
import { intended } from '../../../../model/rules.ts';
import { coverageOf } from '../../../../model/smmu/machine/covers.ts';
import { atcEntry, cdEntry, type Entry, steEntry, tlbEntry } from '../../../../model/smmu/machine/entry.ts';
import { steRangeUnaligned } from '../../../../overrides/defects/ste-range-unaligned.ts';
import { guestDma } from '../../../../properties/scopes/guest-dma.ts';
import { encodeCommand } from '../../../../spec/smmuv3/command.ts';

const tlb = (holds: 'stage1' | 'stage2' | 'nested', vmid: number, asid: number | null, page: number) =>
  tlbEntry({
    ...{ smmu: 0, holds, vmid, asid, first: page, last: page, out: page, ipa: page },
    ...{ writable: true, read: true, write: true },
  });

const atc = (stream: number, ssid: number | null, page: number) =>
  atcEntry({ stream, ssid, first: page, last: page, out: page, read: true, write: true });

/** Streams 0 to 3 have StreamIDs 0x10, 0x18, 0x21 and 0x20. */
const ENTRIES: Readonly<Record<string, Entry>> = {
  'STE 10': steEntry(0, [1n]),
  'STE 21': steEntry(2, [1n]),
  'STE 20': steEntry(3, [1n]),
  'CD 10.0': cdEntry(0, 0, null),
  'CD 10.1': cdEntry(0, 1, null),
  'CD 20.0': cdEntry(3, 0, null),
  's1 5.1@1': tlb('stage1', 5, 1, 1),
  'nested 5.1@1': tlb('nested', 5, 1, 1),
  'nested 5.2@1': tlb('nested', 5, 2, 1),
  'nested 5.1@4': tlb('nested', 5, 1, 4),
  'nested 5.global@1': tlb('nested', 5, null, 1),
  'nested 6.1@1': tlb('nested', 6, 1, 1),
  's2 5@1': tlb('stage2', 5, null, 1),
  's2 6@1': tlb('stage2', 6, null, 1),
  'ATC 10@1': atc(0, null, 1),
  'ATC 10.1@1': atc(0, 1, 1),
  'ATC 10@9': atc(0, null, 9),
  'ATC 20@1': atc(3, null, 1),
};

const of5 = { VMID: 5 } as const;
const VA1 = { Address: 0x1000n } as const;

describe('the scope of', () => {
  it.each([
    ['CFGI_STE', encodeCommand('CFGI_STE', { StreamID: 0x10, Leaf: 1 }), ['STE 10', 'CD 10.0', 'CD 10.1']],
    [
      'CFGI_STE_RANGE, whatever the low bits',
      encodeCommand('CFGI_STE_RANGE', { StreamID: 0x21 }),
      ['STE 21', 'STE 20', 'CD 20.0'],
    ],
    [
      'CFGI_STE_RANGE of everything',
      encodeCommand('CFGI_STE_RANGE', { Range: 31 }),
      ['STE 10', 'STE 21', 'STE 20', 'CD 10.0', 'CD 10.1', 'CD 20.0'],
    ],
    ['CFGI_CD', encodeCommand('CFGI_CD', { StreamID: 0x10, SubstreamID: 1 }), ['CD 10.1']],
    ['CFGI_CD_ALL', encodeCommand('CFGI_CD_ALL', { StreamID: 0x10 }), ['CD 10.0', 'CD 10.1']],
    [
      'TLBI_NH_ALL',
      encodeCommand('TLBI_NH_ALL', of5),
      ['s1 5.1@1', 'nested 5.1@1', 'nested 5.2@1', 'nested 5.1@4', 'nested 5.global@1'],
    ],
    [
      'TLBI_NH_ASID',
      encodeCommand('TLBI_NH_ASID', { ...of5, ASID: 1 }),
      ['s1 5.1@1', 'nested 5.1@1', 'nested 5.1@4'],
    ],
    [
      'TLBI_NH_VA',
      encodeCommand('TLBI_NH_VA', { ...of5, ASID: 1, ...VA1 }),
      ['s1 5.1@1', 'nested 5.1@1', 'nested 5.global@1'],
    ],
    [
      'TLBI_NH_VA of four pages',
      encodeCommand('TLBI_NH_VA', { ...of5, ASID: 1, ...VA1, TG: 1, TTL: 3, SCALE: 2 }),
      ['s1 5.1@1', 'nested 5.1@1', 'nested 5.1@4', 'nested 5.global@1'],
    ],
    [
      'TLBI_NH_VAA',
      encodeCommand('TLBI_NH_VAA', { ...of5, ...VA1 }),
      ['s1 5.1@1', 'nested 5.1@1', 'nested 5.2@1', 'nested 5.global@1'],
    ],
    [
      'TLBI_S12_VMALL',
      encodeCommand('TLBI_S12_VMALL', of5),
      ['s1 5.1@1', 'nested 5.1@1', 'nested 5.2@1', 'nested 5.1@4', 'nested 5.global@1', 's2 5@1'],
    ],
    [
      'TLBI_S2_IPA: nested translations survive it',
      encodeCommand('TLBI_S2_IPA', { ...of5, ...VA1 }),
      ['s2 5@1'],
    ],
    [
      'TLBI_NSNH_ALL',
      encodeCommand('TLBI_NSNH_ALL'),
      Object.keys(ENTRIES).filter((name) => /^(s1|s2|nested)/.test(name)),
    ],
    ['TLBI_EL2_ALL', encodeCommand('TLBI_EL2_ALL'), []],
    [
      'ATC_INV of everything',
      encodeCommand('ATC_INV', { StreamID: 0x10, Size: 52 }),
      ['ATC 10@1', 'ATC 10.1@1', 'ATC 10@9'],
    ],
    [
      'ATC_INV of eight aligned pages',
      encodeCommand('ATC_INV', { StreamID: 0x10, Size: 3, Address: 0xb000n }),
      ['ATC 10@9'],
    ],
    [
      'ATC_INV of a SubstreamID',
      encodeCommand('ATC_INV', { StreamID: 0x10, SSV: 1, SubstreamID: 1, Size: 52 }),
      ['ATC 10.1@1'],
    ],
    ['SYNC', encodeCommand('SYNC'), []],
    ['no command at all', [0n, 0n] as const, []],
  ])('%s', (_what, command, covered) => {
    const covers = coverageOf(guestDma.platform, 0, [command[0], command[1]], intended);
    const found = Object.entries(ENTRIES).filter(([, entry]) => covers(entry));
    expect(found.map(([name]) => name)).toEqual(covered);
  });

  it('anything on another pSMMU is empty', () => {
    const covers = coverageOf(guestDma.platform, 1, encodeCommand('TLBI_NSNH_ALL'), intended);
    expect(Object.values(ENTRIES).filter(covers)).toEqual([]);
  });

  it('CFGI_STE_RANGE misses the StreamIDs below its start where it is not aligned', () => {
    const command = encodeCommand('CFGI_STE_RANGE', { StreamID: 0x21 });
    const covers = coverageOf(guestDma.platform, 0, command, { ...intended, ...steRangeUnaligned.rules });
    const found = Object.entries(ENTRIES).filter(([, entry]) => covers(entry));
    expect(found.map(([name]) => name)).toEqual(['STE 21']);
  });
});
