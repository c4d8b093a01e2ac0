import { writeCr0 } from '../../../../../model/smmu/qemu/smmu.ts';
import type { Cd } from '../../../../../spec/smmuv3/cd.ts';
import { SteConfig } from '../../../../../spec/smmuv3/ste.ts';
import { type Tables, tablesAt } from '../../tables.ts';
import { CR0_ALL, Lab, OUTSIDE, type Scenario, SID } from './lab.ts';

const CD_ADDRESS = 0x4020_0000n;
const TTB0 = 0x4030_0000n;
const ASID = 5;
const VMID = 3;

/** Stage-1 leaf descriptors: page or block, access flag, AP. */
const PAGE = 0x443n;
const READ_ONLY = 0x4c3n;
const NOT_ACCESSED = 0x043n;
const BLOCK = 0x441n;

const STE = { V: 1, Config: SteConfig.S1Trans, S1ContextPtr: CD_ADDRESS, S2VMID: VMID } as const;
const CD: Partial<Cd> = {
  V: 1,
  AA64: 1,
  A: 1,
  R: 1,
  T0SZ: 16,
  EPD1: 1,
  IPS: 4,
  TTB0,
  ASID,
};

function machine(): { readonly lab: Lab; readonly tables: Tables } {
  const lab = new Lab();
  const tables = tablesAt(TTB0, 0);
  lab.map(tables, 0x7f00_1234_5000n, 0x4100_3000n | PAGE);
  lab.map(tables, 0x7f00_1234_6000n, 0x4100_4000n | READ_ONLY);
  lab.map(tables, 0x7f00_1234_7000n, 0x4100_5000n | NOT_ACCESSED);
  lab.map(tables, 0x7f00_1234_8000n, 0x1234_0000_0000n | PAGE);
  lab.map(tables, 0x4000_0000n, 0x4120_0000n | BLOCK, 2);
  lab.ste(STE);
  lab.cd(CD_ADDRESS, CD);
  return { lab, tables };
}

/** A read with every cache empty, the CD changed by these fields. */
function readsWith(changes: Partial<Cd>, iova: bigint): (lab: Lab) => string {
  return (lab) => {
    lab.cd(CD_ADDRESS, { ...CD, ...changes });
    lab.afresh();
    return lab.reads(iova);
  };
}

const BAD_CD = ['R 0x1000 -> no data', '0x0a C_BAD_CD sid=8'] as const;

export const contextDescriptors: Scenario = {
  name: 'illegal CDs',
  machine: () => machine().lab,
  observations: [
    ['S1 CD.V=0', readsWith({ V: 0 }, 0x1000n), ...BAD_CD],
    ['S1 CD.AA64=0', readsWith({ AA64: 0 }, 0x1000n), ...BAD_CD],
    ['S1 CD.T0SZ=10', readsWith({ T0SZ: 10 }, 0x1000n), ...BAD_CD],
    ['S1 CD.T0SZ=40', readsWith({ T0SZ: 40 }, 0x1000n), ...BAD_CD],
    ['S1 CD.TG0=3 (reserved)', readsWith({ TG0: 3 }, 0x1000n), ...BAD_CD],
    ['S1 CD.A=0 (TERM_MODEL=1)', readsWith({ A: 0 }, 0x1000n), ...BAD_CD],
    ['S1 CD.S=1 (no stall)', readsWith({ S: 1 }, 0x1000n), ...BAD_CD],
    ['S1 CD.HA=1 (no HTTU)', readsWith({ HA: 1 }, 0x1000n), ...BAD_CD],
    [
      'S1 CD.TTB0 beyond IPS (IPS=32b, ttb 2^33)',
      readsWith({ IPS: 0, TTB0: 0x2_0000_0000n }, 0x1000n),
      ...BAD_CD,
    ],
  ],
};

export const stage1Walks: Scenario = {
  name: 'stage-1 walks',
  machine: () => machine().lab,
  observations: [
    ['S1-only read 4K page', readsWith({}, 0x7f00_1234_548cn), 'R 0x7f001234548c -> PA 0x4100348c', '-'],
    [
      'S1-only write',
      (lab) => lab.writes(0x7f00_1234_5010n),
      'W 0x7f0012345010 -> landed at PA 0x41003010',
      '-',
    ],
    ['S1-only 2M block', readsWith({}, 0x400f_5678n), 'R 0x400f5678 -> PA 0x412f5678', '-'],
    [
      'S1 translation fault (invalid L3)',
      readsWith({}, 0x7f00_1234_d000n),
      'R 0x7f001234d000 -> no data',
      '0x10 F_TRANSLATION S2=0 CLASS=IN RnW=1 PnU=0 iova=0x7f001234d000 ipa=0x0',
    ],
    [
      'S1 translation fault (L0 invalid)',
      readsWith({}, 0x1000n),
      'R 0x1000 -> no data',
      '0x10 F_TRANSLATION S2=0 CLASS=IN RnW=1 PnU=0 iova=0x1000 ipa=0x0',
    ],
    [
      'S1 permission fault (RO page, write)',
      (lab) => lab.writes(0x7f00_1234_6010n, 0x4100_4010n),
      'W 0x7f0012346010 -> not at 0x41004010',
      '0x13 F_PERMISSION S2=0 CLASS=IN RnW=0 PnU=0 iova=0x7f0012346010 ipa=0x0',
    ],
    ['S1 RO page read', readsWith({}, 0x7f00_1234_6010n), 'R 0x7f0012346010 -> PA 0x41004010', '-'],
    [
      'S1 access-flag fault',
      readsWith({}, 0x7f00_1234_7000n),
      'R 0x7f0012347000 -> no data',
      '0x12 F_ACCESS S2=0 CLASS=IN RnW=1 PnU=0 iova=0x7f0012347000 ipa=0x0',
    ],
    [
      'S1 output beyond OAS (PA 0x123400000000)',
      readsWith({}, 0x7f00_1234_8000n),
      'R 0x7f0012348000 -> no data',
      '0x11 F_ADDR_SIZE S2=0 CLASS=IN RnW=1 PnU=0 iova=0x7f0012348000 ipa=0x0',
    ],
    [
      'S1 IOVA above T0SZ range',
      readsWith({}, 0x1_0000_0000_0000n),
      'R 0x1000000000000 -> no data',
      '0x10 F_TRANSLATION S2=0 CLASS=IN RnW=1 PnU=0 iova=0x1000000000000 ipa=0x0',
    ],
    [
      'S1 IOVA in TTBR1 half with EPD1=1',
      readsWith({}, 0xffff_0000_0000_1000n),
      'R 0xffff000000001000 -> no data',
      '0x10 F_TRANSLATION S2=0 CLASS=IN RnW=1 PnU=0 iova=0xffff000000001000 ipa=0x0',
    ],
    [
      'S1 translation fault with CD.R=0',
      readsWith({ R: 0 }, 0x7f00_1234_d000n),
      'R 0x7f001234d000 -> no data',
      '-',
    ],
    [
      'S1 walk external abort (TTB0 outside RAM)',
      readsWith({ TTB0: OUTSIDE }, 0x7f00_1234_5000n),
      'R 0x7f0012345000 -> no data',
      '0x0b F_WALK_EABT S2=0 CLASS=TT RnW=1 PnU=0 iova=0x7f0012345000 ipa=0x600007f0',
    ],
    [
      'S1 TBI0=1, tagged address',
      readsWith({ TBI0: 1 }, 0xab00_7f00_1234_5000n),
      'R 0xab007f0012345000 -> PA 0x41003000',
      '-',
    ],
    ['S1 after restore', readsWith({}, 0x7f00_1234_5000n), 'R 0x7f0012345000 -> PA 0x41003000', '-'],
  ],
};

const PAGE_IOVA = 0x7f00_1234_5000n;
const STALE = 'R 0x7f0012345000 -> PA 0x41003000';
const FRESH = 'R 0x7f0012345000 -> PA 0x41006000';
const FAULT = [
  'R 0x7f0012345000 -> no data',
  '0x10 F_TRANSLATION S2=0 CLASS=IN RnW=1 PnU=0 iova=0x7f0012345000 ipa=0x0',
] as const;

function remap(lab: Lab, descriptor: bigint): void {
  lab.map(tablesAt(TTB0, 0), PAGE_IOVA, descriptor);
}

export const stage1Tlb: Scenario = {
  name: 'the TLB in stage-1 translation',
  machine: () => {
    const { lab } = machine();
    lab.reads(PAGE_IOVA);
    return lab;
  },
  observations: [
    [
      'TLB: PTE changed, no TLBI',
      (lab) => {
        remap(lab, 0x4100_6000n | PAGE);
        return lab.reads(PAGE_IOVA);
      },
      STALE,
      '-',
    ],
    [
      'TLB: TLBI_NH_VA wrong ASID',
      (lab) => {
        lab.command('TLBI_NH_VA', { Address: PAGE_IOVA, VMID, ASID: ASID + 1 });
        return lab.reads(PAGE_IOVA);
      },
      STALE,
      '-',
    ],
    [
      'TLB: TLBI_NH_VA wrong VMID',
      (lab) => {
        lab.command('TLBI_NH_VA', { Address: PAGE_IOVA, VMID: VMID + 1, ASID });
        return lab.reads(PAGE_IOVA);
      },
      STALE,
      '-',
    ],
    [
      'TLB: TLBI_NH_VA neighbour page',
      (lab) => {
        lab.command('TLBI_NH_VA', { Address: PAGE_IOVA + 0x1000n, VMID, ASID });
        return lab.reads(PAGE_IOVA);
      },
      STALE,
      '-',
    ],
    [
      'TLB: only CFGI_STE',
      (lab) => {
        lab.command('CFGI_STE', { StreamID: SID, Leaf: 1 });
        return lab.reads(PAGE_IOVA);
      },
      STALE,
      '-',
    ],
    [
      'TLB: TLBI_NH_VA right ASID/VMID',
      (lab) => {
        lab.command('TLBI_NH_VA', { Address: PAGE_IOVA, VMID, ASID });
        lab.command('SYNC');
        return lab.reads(PAGE_IOVA);
      },
      FRESH,
      '-',
    ],
    [
      'TLB: PTE zapped, no TLBI',
      (lab) => {
        remap(lab, 0n);
        return lab.reads(PAGE_IOVA);
      },
      FRESH,
      '-',
    ],
    [
      'TLB: after TLBI_NH_ASID',
      (lab) => {
        lab.command('TLBI_NH_ASID', { VMID, ASID });
        return lab.reads(PAGE_IOVA);
      },
      ...FAULT,
    ],
    [
      'TLB: invalid->valid, no TLBI (negative caching?)',
      (lab) => {
        remap(lab, 0x4100_3000n | PAGE);
        return lab.reads(PAGE_IOVA);
      },
      STALE,
      '-',
    ],
    [
      'TLB: TLBI without SYNC',
      (lab) => {
        remap(lab, 0n);
        lab.command('TLBI_NH_ALL', { VMID });
        return lab.reads(PAGE_IOVA);
      },
      ...FAULT,
    ],
  ],
};

export const configurationCache: Scenario = {
  name: 'the configuration cache',
  machine: () => machine().lab,
  observations: [
    ['CFG: S1', (lab) => lab.reads(PAGE_IOVA), STALE, '-'],
    [
      'CFG: STE -> bypass, no CFGI',
      (lab) => {
        lab.ste({ V: 1, Config: SteConfig.Bypass });
        return lab.reads(PAGE_IOVA);
      },
      STALE,
      '-',
    ],
    [
      'CFG: after TLBI only',
      (lab) => {
        lab.command('TLBI_NSNH_ALL');
        return lab.reads(PAGE_IOVA);
      },
      STALE,
      '-',
    ],
    [
      'CFG: CFGI_STE other SID',
      (lab) => {
        lab.command('CFGI_STE', { StreamID: SID + 8, Leaf: 1 });
        return lab.reads(PAGE_IOVA);
      },
      STALE,
      '-',
    ],
    [
      'CFG: after CFGI_STE(SID)',
      (lab) => {
        lab.command('CFGI_STE', { StreamID: SID, Leaf: 1 });
        return lab.reads(0x4100_0000n);
      },
      'R 0x41000000 -> PA 0x41000000',
      '-',
    ],
    [
      'CFG: S1 again',
      (lab) => {
        lab.ste(STE);
        lab.command('CFGI_STE', { StreamID: SID, Leaf: 1 });
        return lab.reads(PAGE_IOVA);
      },
      STALE,
      '-',
    ],
    [
      'CFG: CD.V=0, no CFGI',
      (lab) => {
        lab.cd(CD_ADDRESS, { ...CD, V: 0 });
        return lab.reads(PAGE_IOVA);
      },
      STALE,
      '-',
    ],
    [
      'CFG: after CFGI_CD',
      (lab) => {
        lab.command('CFGI_CD', { StreamID: SID, Leaf: 1 });
        return lab.reads(PAGE_IOVA);
      },
      'R 0x7f0012345000 -> no data',
      '0x0a C_BAD_CD sid=8',
    ],
    [
      'CFG: bad->good CD without CFGI (negative caching?)',
      (lab) => {
        lab.cd(CD_ADDRESS, CD);
        return lab.reads(PAGE_IOVA);
      },
      STALE,
      '-',
    ],
    [
      'CFG: CR0.SMMUEN toggled, CD.V=0, no CFGI',
      (lab) => {
        lab.cd(CD_ADDRESS, { ...CD, V: 0 });
        lab.smmu = writeCr0(writeCr0(lab.smmu, CR0_ALL & ~1), CR0_ALL);
        return lab.reads(PAGE_IOVA);
      },
      STALE,
      '-',
    ],
  ],
};
