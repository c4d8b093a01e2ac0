import { describe, expect, it } from 'vitest';
import { bootWorld } from '../../../../model/boot.ts';
import { composeRules, intended } from '../../../../model/rules.ts';
import { atcEntry, cdEntry, type Entry, steEntry, tlbEntry } from '../../../../model/smmu/machine/entry.ts';
import { afterAction } from '../../../../model/smmu/machine/hardware.ts';
import { SMMU_DEFECTS } from '../../../../overrides/defects/smmu.ts';
import { encode } from '../../../../spec/bits.ts';
import { encodeCommand } from '../../../../spec/smmuv3/command.ts';
import { SteConfig, ste } from '../../../../spec/smmuv3/ste.ts';
import { guestDma } from '../../../../workload/scopes/guest-dma.ts';

/*
 * Each row of the table of invalidations (IHI0070 4.3 to 4.5): caches that hold one of everything lose with it exactly
 * what is documented; and a command whose scope is smaller leaves something of that.
 */

const OLD = encode(ste, { V: 1, Config: SteConfig.Bypass });

const tlb = (holds: 'stage1' | 'stage2' | 'nested', vmid: number, asid: number | null, page: number) =>
  tlbEntry({
    ...{ smmu: 0, holds, vmid, asid, first: page, last: page, out: page, ipa: page },
    ...{ writable: true, read: true, write: true },
  });

const atc = (stream: number, ssid: number | null, page: number) =>
  atcEntry({ stream, ssid, first: page, last: page, out: page, read: true, write: true });

/** Streams 0 to 3 have StreamIDs 0x10, 0x18, 0x21 and 0x20. */
const ENTRIES = {
  'STE 10': steEntry(0, OLD),
  'STE 21': steEntry(2, OLD),
  'STE 20': steEntry(3, OLD),
  'CD 10.0': cdEntry(0, 0, null),
  'CD 10.1': cdEntry(0, 1, null),
  'CD 20.0': cdEntry(3, 0, null),
  's1 5.1@1': tlb('stage1', 5, 1, 1),
  'nested 5.1@1': tlb('nested', 5, 1, 1),
  'nested 5.2@1': tlb('nested', 5, 2, 1),
  'nested 5.1@4': tlb('nested', 5, 1, 4),
  'nested 5.global@1': tlb('nested', 5, null, 1),
  'nested 5.global@4': tlb('nested', 5, null, 4),
  'nested 6.1@1': tlb('nested', 6, 1, 1),
  's2 5@1': tlb('stage2', 5, null, 1),
  's2 5@4': tlb('stage2', 5, null, 4),
  's2 6@1': tlb('stage2', 6, null, 1),
  'ATC 10@1': atc(0, null, 1),
  'ATC 10.1@1': atc(0, 1, 1),
  'ATC 10@9': atc(0, null, 9),
  'ATC 20@1': atc(3, null, 1),
} as const satisfies Readonly<Record<string, Entry>>;

type Name = keyof typeof ENTRIES;
type Command = readonly [bigint, bigint];

const NAMES = Object.keys(ENTRIES) as readonly Name[];
const WORLD = bootWorld(guestDma.platform);

/** What a command and its SYNC take out of caches that hold everything. */
function takenBy(command: Command, smmu = 0, rules = intended): readonly Name[] {
  const held = new Map(Object.values(ENTRIES).map((entry) => [entry.key, entry as Entry]));
  const commands = [command, encodeCommand('SYNC')];
  const { held: left } = afterAction(
    { world: WORLD, held },
    { kind: 'issue', smmu, commands },
    rules.smmuMachine,
  );
  return NAMES.filter((name) => !left.has(ENTRIES[name].key));
}

const of5 = { VMID: 5 } as const;
const VA1 = { Address: 0x1000n } as const;
const OF_5: readonly Name[] = [
  's1 5.1@1',
  'nested 5.1@1',
  'nested 5.2@1',
  'nested 5.1@4',
  'nested 5.global@1',
  'nested 5.global@4',
];

interface Row {
  readonly what: string;
  readonly command: Command;
  readonly takes: readonly Name[];
  /** Commands of smaller or other scope, and something of this one's that each leaves. */
  readonly smaller: readonly (readonly [what: string, command: Command, leaves: Name])[];
}

const row = (what: string, command: Command, takes: readonly Name[], smaller: Row['smaller']): Row => ({
  what,
  command,
  takes,
  smaller,
});

const ROWS: readonly Row[] = [
  row(
    'CFGI_STE',
    encodeCommand('CFGI_STE', { StreamID: 0x10, Leaf: 1 }),
    ['STE 10', 'CD 10.0', 'CD 10.1'],
    [
      ['CFGI_CD_ALL', encodeCommand('CFGI_CD_ALL', { StreamID: 0x10 }), 'STE 10'],
      ['CFGI_STE of another stream', encodeCommand('CFGI_STE', { StreamID: 0x20 }), 'CD 10.1'],
      ['TLBI_NSNH_ALL', encodeCommand('TLBI_NSNH_ALL'), 'STE 10'],
    ],
  ),
  row(
    'CFGI_STE_RANGE, whatever the low bits',
    encodeCommand('CFGI_STE_RANGE', { StreamID: 0x21 }),
    ['STE 21', 'STE 20', 'CD 20.0'],
    [
      ['CFGI_STE of one', encodeCommand('CFGI_STE', { StreamID: 0x21 }), 'STE 20'],
      ['the block beside it', encodeCommand('CFGI_STE_RANGE', { StreamID: 0x22 }), 'STE 21'],
    ],
  ),
  row(
    'CFGI_STE_RANGE of a larger block',
    encodeCommand('CFGI_STE_RANGE', { StreamID: 0x1f, Range: 3 }),
    ['STE 10', 'CD 10.0', 'CD 10.1'],
    [['a smaller block', encodeCommand('CFGI_STE_RANGE', { StreamID: 0x1f, Range: 2 }), 'STE 10']],
  ),
  row(
    'CFGI_ALL',
    encodeCommand('CFGI_STE_RANGE', { Range: 31 }),
    ['STE 10', 'STE 21', 'STE 20', 'CD 10.0', 'CD 10.1', 'CD 20.0'],
    [['a block of 2^5', encodeCommand('CFGI_STE_RANGE', { StreamID: 0, Range: 4 }), 'STE 20']],
  ),
  row(
    'CFGI_CD',
    encodeCommand('CFGI_CD', { StreamID: 0x10, SubstreamID: 1, Leaf: 1 }),
    ['CD 10.1'],
    [
      ['CFGI_CD of another SubstreamID', encodeCommand('CFGI_CD', { StreamID: 0x10, Leaf: 1 }), 'CD 10.1'],
      [
        'CFGI_CD of another stream',
        encodeCommand('CFGI_CD', { StreamID: 0x20, SubstreamID: 1, Leaf: 1 }),
        'CD 10.1',
      ],
    ],
  ),
  row(
    'CFGI_CD_ALL',
    encodeCommand('CFGI_CD_ALL', { StreamID: 0x10 }),
    ['CD 10.0', 'CD 10.1'],
    [['CFGI_CD', encodeCommand('CFGI_CD', { StreamID: 0x10 }), 'CD 10.1']],
  ),
  row('TLBI_NH_ALL', encodeCommand('TLBI_NH_ALL', of5), OF_5, [
    ['TLBI_NH_ASID', encodeCommand('TLBI_NH_ASID', { ...of5, ASID: 1 }), 'nested 5.2@1'],
    ['TLBI_NH_VAA', encodeCommand('TLBI_NH_VAA', { ...of5, ...VA1 }), 'nested 5.1@4'],
    ['another VMID', encodeCommand('TLBI_NH_ALL', { VMID: 6 }), 's1 5.1@1'],
    ['TLBI_S2_IPA', encodeCommand('TLBI_S2_IPA', { ...of5, ...VA1 }), 'nested 5.1@1'],
  ]),
  row(
    'TLBI_NH_ASID: global entries survive it',
    encodeCommand('TLBI_NH_ASID', { ...of5, ASID: 1 }),
    ['s1 5.1@1', 'nested 5.1@1', 'nested 5.1@4'],
    [
      ['another ASID', encodeCommand('TLBI_NH_ASID', { ...of5, ASID: 2 }), 's1 5.1@1'],
      ['another VMID', encodeCommand('TLBI_NH_ASID', { VMID: 6, ASID: 1 }), 'nested 5.1@1'],
      ['TLBI_NH_VA', encodeCommand('TLBI_NH_VA', { ...of5, ASID: 1, ...VA1 }), 'nested 5.1@4'],
    ],
  ),
  row(
    'TLBI_NH_VA',
    encodeCommand('TLBI_NH_VA', { ...of5, ASID: 1, ...VA1 }),
    ['s1 5.1@1', 'nested 5.1@1', 'nested 5.global@1'],
    [
      ['another address', encodeCommand('TLBI_NH_VA', { ...of5, ASID: 1, Address: 0x2000n }), 's1 5.1@1'],
      ['another ASID', encodeCommand('TLBI_NH_VA', { ...of5, ASID: 3, ...VA1 }), 'nested 5.1@1'],
      ['TLBI_NH_ASID', encodeCommand('TLBI_NH_ASID', { ...of5, ASID: 1 }), 'nested 5.global@1'],
    ],
  ),
  row(
    'TLBI_NH_VAA',
    encodeCommand('TLBI_NH_VAA', { ...of5, ...VA1 }),
    ['s1 5.1@1', 'nested 5.1@1', 'nested 5.2@1', 'nested 5.global@1'],
    [
      ['TLBI_NH_VA', encodeCommand('TLBI_NH_VA', { ...of5, ASID: 1, ...VA1 }), 'nested 5.2@1'],
      ['another address', encodeCommand('TLBI_NH_VAA', { ...of5, Address: 0x4000n }), 'nested 5.1@1'],
    ],
  ),
  row(
    'TLBI_S12_VMALL',
    encodeCommand('TLBI_S12_VMALL', of5),
    [...OF_5, 's2 5@1', 's2 5@4'],
    [
      ['TLBI_NH_ALL', encodeCommand('TLBI_NH_ALL', of5), 's2 5@1'],
      ['TLBI_S2_IPA', encodeCommand('TLBI_S2_IPA', { ...of5, ...VA1 }), 's2 5@4'],
    ],
  ),
  row(
    'TLBI_S2_IPA: nested translations survive it',
    encodeCommand('TLBI_S2_IPA', { ...of5, ...VA1 }),
    ['s2 5@1'],
    [
      ['TLBI_NH_VAA of the same number', encodeCommand('TLBI_NH_VAA', { ...of5, ...VA1 }), 's2 5@1'],
      ['TLBI_NH_ALL', encodeCommand('TLBI_NH_ALL', of5), 's2 5@1'],
      ['another IPA', encodeCommand('TLBI_S2_IPA', { ...of5, Address: 0x4000n }), 's2 5@1'],
      ['another VMID', encodeCommand('TLBI_S2_IPA', { VMID: 6, ...VA1 }), 's2 5@1'],
    ],
  ),
  row(
    'TLBI_NSNH_ALL',
    encodeCommand('TLBI_NSNH_ALL'),
    NAMES.filter((name) => /^(s1|s2|nested)/.test(name)),
    [
      ['TLBI_S12_VMALL', encodeCommand('TLBI_S12_VMALL', of5), 's2 6@1'],
      ['TLBI_EL2_ALL', encodeCommand('TLBI_EL2_ALL'), 'nested 5.1@1'],
    ],
  ),
  row(
    'ATC_INV of everything',
    encodeCommand('ATC_INV', { StreamID: 0x10, Size: 52 }),
    ['ATC 10@1', 'ATC 10.1@1', 'ATC 10@9'],
    [
      ['one page', encodeCommand('ATC_INV', { StreamID: 0x10, Size: 0, ...VA1 }), 'ATC 10@9'],
      ['another stream', encodeCommand('ATC_INV', { StreamID: 0x20, Size: 52 }), 'ATC 10@1'],
      ['TLBI_NSNH_ALL', encodeCommand('TLBI_NSNH_ALL'), 'ATC 10@1'],
      ['CFGI_STE', encodeCommand('CFGI_STE', { StreamID: 0x10 }), 'ATC 10@1'],
    ],
  ),
  row(
    'ATC_INV of eight aligned pages',
    encodeCommand('ATC_INV', { StreamID: 0x10, Size: 3, Address: 0xb000n }),
    ['ATC 10@9'],
    [['two pages', encodeCommand('ATC_INV', { StreamID: 0x10, Size: 1, Address: 0xb000n }), 'ATC 10@9']],
  ),
  row(
    'ATC_INV of a SubstreamID',
    encodeCommand('ATC_INV', { StreamID: 0x10, SSV: 1, SubstreamID: 1, Size: 52 }),
    ['ATC 10.1@1'],
    [
      [
        'another SubstreamID',
        encodeCommand('ATC_INV', { StreamID: 0x10, SSV: 1, SubstreamID: 2, Size: 52 }),
        'ATC 10.1@1',
      ],
    ],
  ),
  row(
    'ATC_INV of a SubstreamID and of what is global',
    encodeCommand('ATC_INV', { StreamID: 0x10, SSV: 1, SubstreamID: 1, Global: 1, Size: 52 }),
    ['ATC 10@1', 'ATC 10.1@1', 'ATC 10@9'],
    [],
  ),
  row('SYNC', encodeCommand('SYNC'), [], []),
  row('no command at all', [0n, 0n], [], []),
];

describe.each(ROWS.map((each) => [each.what, each] as const))('%s', (_what, { command, takes, smaller }) => {
  it('takes away exactly what is documented', () => {
    expect(takenBy(command)).toEqual(takes);
  });

  it('takes away nothing on another pSMMU', () => {
    expect(takenBy(command, 1)).toEqual([]);
  });

  it.each(smaller)('has no substitute in %s', (_other, other, leaves) => {
    expect(takes).toContain(leaves);
    expect(takenBy(other)).not.toContain(leaves);
  });
});

describe('CFGI_STE_RANGE with ste-range-unaligned', () => {
  it('misses the StreamIDs below its start where it is not aligned', () => {
    const command = encodeCommand('CFGI_STE_RANGE', { StreamID: 0x21 });
    expect(takenBy(command, 0, composeRules([SMMU_DEFECTS['ste-range-unaligned']]))).toEqual(['STE 21']);
  });
});
