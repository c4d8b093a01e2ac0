import { describe, expect, it } from 'vitest';
import type { Words } from '../../../../model/world/command.ts';
import { encode } from '../../../../spec/bits.ts';
import { type Ste, SteConfig, ste } from '../../../../spec/smmuv3/ste.ts';
import { guestWords } from '../../../../workload/scopes/guest-words.ts';
import { oneVsmmu } from '../../../../workload/scopes/one-vsmmu.ts';
import { cfgiSte } from '../lab.ts';
import { DESIGNS, type Expected, expectedOf, givenSte, running, type VmmDesign } from './designs.ts';

/*
 * A guest's stream table entry with one more field set, of an SMMU with stage 1 alone, no ATS, no substreams, nothing that
 * stalls, no overrides of attributes (IHI0070 5.2). What comes of it was worked out from the architecture and from
 * linux/iommufd.h, by hand.
 */

const BASE = { V: 1, Config: SteConfig.S1Trans, S1ContextPtr: 0x4_0000n } as const;

const words = (fields: Partial<Ste>): Words => encode(ste, { ...BASE, ...fields });

const PLAIN = '0x4000b,0x0';

/** `error`: CMDQ_CONS.ERR after a CFGI_STE of it; `given`: what the kernel was given; `on`: what the device is on then. */
interface Became {
  readonly error: number;
  readonly given: string | null;
  readonly on: string;
}

const translates = (given: string = PLAIN): Became => ({ error: 0, given, on: 's1Translate' });
const ABORTS: Became = { error: 0, given: null, on: 'abort' };

/** cloud-hypervisor hands it on, the kernel refuses it: EIO. */
const refused = (given: string): Became => ({ error: 1, given, on: 'abort' });

/** And QEMU, which keeps the device where it was. */
const kept = (given: string | null): Became => ({ error: 1, given, on: 'bypass' });

const CLOUD = 'cloud-hypervisor-2026-09';

/** What the kernel takes, and QEMU and cloud-hypervisor hand on. */
const passed = (given: string): Expected<Became> => ({
  intended: translates(),
  'qemu-11': translates(given),
  [CLOUD]: translates(given),
});

/** What the kernel has no list for, and QEMU masks. */
const unlisted = (given: string): Expected<Became> => ({ intended: translates(), [CLOUD]: refused(given) });

const CASES: readonly (readonly [string, Words, Expected<Became>])[] = [
  ['nothing more', words({}), { intended: translates() }],
  ['SHCFG', words({ SHCFG: 1 }), unlisted('0x4000b,0x100000000000')],
  ['SHCFG=3', words({ SHCFG: 3 }), unlisted('0x4000b,0x300000000000')],
  ['MEV', words({ MEV: 1 }), unlisted('0x4000b,0x80000')],
  ['MTCFG and MemAttr', words({ MTCFG: 1, MemAttr: 5 }), unlisted('0x4000b,0x1500000000')],
  ['ALLOCCFG', words({ ALLOCCFG: 0xe }), unlisted('0x4000b,0x1c000000000')],
  ['NSCFG', words({ NSCFG: 2 }), unlisted('0x4000b,0x800000000000')],
  ['PRIVCFG', words({ PRIVCFG: 2 }), unlisted('0x4000b,0x2000000000000')],
  ['INSTCFG', words({ INSTCFG: 3 }), unlisted('0x4000b,0xc000000000000')],
  ['CONT', words({ CONT: 4 }), unlisted('0x4000b,0x8000')],
  ['DRE, DCP and PPAR', words({ DRE: 1, DCP: 1, PPAR: 1 }), unlisted('0x4000b,0x61000')],
  ['S1MPAM', words({ S1MPAM: 1 }), unlisted('0x4000b,0x4000000')],
  ['S2FWB and S2HWU', words({ S2FWB: 1, S2HWU59: 1 }), unlisted('0x4000b,0x2000100')],
  ['a bit that is the software’s own', [0x4_000bn, 1n << 20n], unlisted('0x4000b,0x100000')],
  ['a reserved bit', [0x4_000bn | (1n << 56n), 0n], unlisted('0x10000000004000b,0x0')],
  ['fields of stage 2', words({ S2VMID: 7, S2TTB: 0x5_0000n, S2R: 1 }), { intended: translates() }],
  ['S1CDMax without substreams', words({ S1CDMax: 1 }), passed('0x80000000004000b,0x0')],
  ['S1CDMax and S1DSS', words({ S1CDMax: 3, S1DSS: 3 }), passed('0x180000000004000b,0x3')],
  ['S1Fmt with one CD', words({ S1Fmt: 1 }), passed('0x4001b,0x0')],
  ['a reserved S1Fmt with one CD', words({ S1Fmt: 3 }), passed('0x4003b,0x0')],
  ['EATS without ATS', words({ EATS: 1 }), passed('0x4000b,0x10000000')],
  [
    'EATS=2 without ATS',
    words({ EATS: 2 }),
    { intended: translates(), 'qemu-11': kept('0x4000b,0x20000000'), [CLOUD]: refused('0x4000b,0x20000000') },
  ],
  [
    'EATS=3 without ATS',
    words({ EATS: 3 }),
    { intended: translates(), 'qemu-11': kept('0x4000b,0x30000000'), [CLOUD]: refused('0x4000b,0x30000000') },
  ],
  ['S1STALLD where nothing stalls', words({ S1STALLD: 1 }), passed('0x4000b,0x8000000')],
  ['cacheability of CDs', words({ S1CIR: 1, S1COR: 1, S1CSH: 3 }), { intended: translates('0x4000b,0xd4') }],
  ['STRW of EL2 where there is none', words({ STRW: 2 }), unlisted('0x4000b,0x80000000')],
  [
    'stage 2',
    words({ Config: SteConfig.S2Trans }),
    { intended: ABORTS, 'qemu-11': kept(null), [CLOUD]: refused('0x4000d,0x0') },
  ],
  [
    'both stages',
    words({ Config: SteConfig.Nested }),
    { intended: ABORTS, 'qemu-11': kept(null), [CLOUD]: refused('0x4000f,0x0') },
  ],
  ['V=0', words({ V: 0 }), { intended: ABORTS }],
  ['Config=0', words({ Config: 0 }), { intended: ABORTS }],
  ['a reserved Config', words({ Config: 3 }), { intended: ABORTS }],
  [
    'bypass with SHCFG, EATS and S1CDMax',
    words({ Config: SteConfig.Bypass, SHCFG: 1, EATS: 1, S1CDMax: 1 }),
    { intended: { error: 0, given: null, on: 'bypass' } },
  ],
];

function became(design: VmmDesign, entry: Words): Became {
  const lab = running(design, oneVsmmu);
  lab.do('writeSte', { words: encode(ste, { V: 1, Config: SteConfig.Bypass }) });
  lab.do('writeCr0', { value: 0b1001 });
  lab.do('issueCommands', { words: cfgiSte(0) });
  lab.do('writeSte', { words: entry });
  lab.do('issueCommands', { words: cfgiSte(0) });
  const given = givenSte(lab);
  return {
    error: Number(lab.result.out.error),
    given: given === null ? null : given.map((word) => `0x${word.toString(16)}`).join(','),
    on: lab.domainOf('dev0'),
  };
}

describe.each(DESIGNS)('of an entry, %s makes', (design) => {
  it.each(CASES)('with %s', (_what, entry, expected) => {
    expect(became(design, entry)).toEqual(expectedOf(expected, design));
  });
});

describe('with ATS and substreams on the vSMMU, the intended VMM hands on', () => {
  it.each([
    ['EATS=1', { EATS: 1 }, '0x4000b,0x10000000'],
    ['S1CDMax, S1DSS and a linear table', { S1CDMax: 4, S1DSS: 2 }, '0x200000000004000b,0x2'],
    ['no MEV, no SHCFG', { EATS: 1, MEV: 1, SHCFG: 2 }, '0x4000b,0x10000000'],
  ] as const)('%s', (_what, fields, given) => {
    const lab = running('intended', guestWords);
    lab.do('writeSte', { vsmmu: 1, words: words(fields) });
    lab.do('writeCr0', { vsmmu: 1, value: 0b1001 });
    expect(
      givenSte(lab)
        ?.map((word) => `0x${word.toString(16)}`)
        .join(','),
    ).toBe(given);
  });

  it.each([
    ['more CDs than SSIDSIZE has', { S1CDMax: 9 }],
    ['two levels of CDs without CD2L', { S1CDMax: 2, S1Fmt: 1 }],
    ['a reserved S1DSS', { S1CDMax: 2, S1DSS: 3 }],
    ['split-stage ATS', { EATS: 2 }],
  ] as const)('nothing of an entry with %s, which aborts', (_what, fields) => {
    const lab = running('intended', guestWords);
    lab.do('writeSte', { vsmmu: 1, words: words(fields) });
    lab.do('writeCr0', { vsmmu: 1, value: 0b1001 });
    lab.do('issueCommands', { vsmmu: 1, words: cfgiSte(0) });
    expect([lab.result.out.error, givenSte(lab), lab.domainOf('dev1')]).toEqual([0, null, 'abort']);
  });
});
