import { AddressSize, type Ste, SteConfig } from '../../../../../spec/smmuv3/ste.ts';
import { tablesAt } from '../../tables.ts';
import { Lab, OUTSIDE, type Scenario } from './lab.ts';

export const S2TTB = 0x4040_0000n;
export const VMID = 9;

/** Stage-2 leaf descriptors: Normal memory, access flag, S2AP. */
export const READ_WRITE = 0x4ffn;
export const READ_ONLY = 0x47fn;
export const WRITE_ONLY = 0x4bfn;
const NOT_ACCESSED = 0x0ffn;
const BLOCK = 0x4fdn;
/** Device memory. */
export const DEVICE = 0x4c3n;

/** 40-bit IPAs: two concatenated tables at level 1. */
export const STAGE_2: Partial<Ste> = {
  V: 1,
  Config: SteConfig.S2Trans,
  S2VMID: VMID,
  S2T0SZ: 24,
  S2SL0: 1,
  S2PS: AddressSize.Bits44,
  S2AA64: 1,
  S2TTB,
  S2R: 1,
};

/** The tables of stage 2; new ones follow the two of the first level. */
export function stage2Tables() {
  return { ...tablesAt(S2TTB, 1), free: S2TTB + 0x2000n };
}

function machine(): Lab {
  const lab = new Lab();
  const tables = stage2Tables();
  lab.map(tables, 0x1_4100_0000n, 0x4101_0000n | READ_WRITE);
  lab.map(tables, 0x1_4100_1000n, 0x4101_1000n | READ_ONLY);
  lab.map(tables, 0x1_4100_2000n, 0x4101_2000n | WRITE_ONLY);
  lab.map(tables, 0x1_4100_3000n, 0x4101_3000n | NOT_ACCESSED);
  lab.map(tables, 0x1_4100_4000n, 0x1234_0000_0000n | READ_WRITE);
  lab.map(tables, 0x80_8000_0000n, 0x4100_0000n | BLOCK, 2);
  lab.ste(STAGE_2);
  return lab;
}

/** A read with every cache empty, the STE changed by these fields. */
function readsWith(changes: Partial<Ste>, iova: bigint): (lab: Lab) => string {
  return (lab) => {
    lab.ste({ ...STAGE_2, ...changes });
    lab.afresh();
    return lab.reads(iova);
  };
}

const IPA = 0x1_4100_0000n;
const BAD_STE = ['R 0x141000000 -> no data', '0x04 C_BAD_STE sid=8'] as const;

export const stage2Walks: Scenario = {
  name: 'stage-2 walks',
  machine,
  observations: [
    ['S2-only read', (lab) => lab.reads(0x1_4100_0020n), 'R 0x141000020 -> PA 0x41010020', '-'],
    ['S2-only write', (lab) => lab.writes(0x1_4100_0024n), 'W 0x141000024 -> landed at PA 0x41010024', '-'],
    [
      'S2-only 2M block via 2nd concatenated L1 table (IPA bit 39 set)',
      (lab) => lab.reads(0x80_8001_2344n),
      'R 0x8080012344 -> no data',
      '0x10 F_TRANSLATION S2=1 CLASS=IN RnW=1 PnU=0 iova=0x8080012344 ipa=0x8080012344',
    ],
    [
      'same, after mapping IPA 0x80000000 (same index in 1st table)',
      (lab) => {
        lab.map({ ...stage2Tables(), free: S2TTB + 0x8000n }, 0x8000_0000n, 0x4100_0000n | BLOCK, 2);
        return lab.reads(0x80_8001_2344n);
      },
      'R 0x8080012344 -> PA 0x41012344',
      '-',
    ],
    [
      'S2 translation fault',
      readsWith({}, 0x1_4100_9000n),
      'R 0x141009000 -> no data',
      '0x10 F_TRANSLATION S2=1 CLASS=IN RnW=1 PnU=0 iova=0x141009000 ipa=0x141009000',
    ],
    [
      'S2 translation fault (write)',
      (lab) => lab.writes(0x1_4100_9000n, 0x4100_0000n),
      'W 0x141009000 -> not at 0x41000000',
      '0x10 F_TRANSLATION S2=1 CLASS=IN RnW=0 PnU=0 iova=0x141009000 ipa=0x141009000',
    ],
    [
      'S2 permission fault (RO, write)',
      (lab) => lab.writes(0x1_4100_1000n, 0x4101_1000n),
      'W 0x141001000 -> not at 0x41011000',
      '0x13 F_PERMISSION S2=1 CLASS=IN RnW=0 PnU=0 iova=0x141001000 ipa=0x141001000',
    ],
    [
      'S2 permission fault (WO, read)',
      (lab) => lab.reads(0x1_4100_2000n),
      'R 0x141002000 -> no data',
      '0x13 F_PERMISSION S2=1 CLASS=IN RnW=1 PnU=0 iova=0x141002000 ipa=0x141002000',
    ],
    ['S2 WO write', (lab) => lab.writes(0x1_4100_2008n), 'W 0x141002008 -> landed at PA 0x41012008', '-'],
    ['S2 WO read after WO write cached', (lab) => lab.reads(0x1_4100_2008n), 'R 0x141002008 -> no data', '-'],
    [
      'S2 access-flag fault',
      readsWith({}, 0x1_4100_3000n),
      'R 0x141003000 -> no data',
      '0x12 F_ACCESS S2=1 CLASS=IN RnW=1 PnU=0 iova=0x141003000 ipa=0x141003000',
    ],
    [
      'S2 output beyond S2PS',
      readsWith({}, 0x1_4100_4000n),
      'R 0x141004000 -> no data',
      '0x11 F_ADDR_SIZE S2=1 CLASS=IN RnW=1 PnU=0 iova=0x141004000 ipa=0x141004000',
    ],
    [
      'S2 IPA outside T0SZ (2^41)',
      readsWith({}, 0x200_0000_0000n),
      'R 0x20000000000 -> no data',
      '0x10 F_TRANSLATION S2=1 CLASS=IN RnW=1 PnU=0 iova=0x20000000000 ipa=0x20000000000',
    ],
    ['S2 IPA beyond IAS=OAS (2^45)', readsWith({}, 0x2000_0000_0000n), 'R 0x200000000000 -> no data', '-'],
    ['STE S2T0SZ=63', readsWith({ S2T0SZ: 63 }, IPA), ...BAD_STE],
    ['STE S2T0SZ=12', readsWith({ S2T0SZ: 12 }, IPA), ...BAD_STE],
    ['STE S2SL0=3', readsWith({ S2SL0: 3 }, IPA), ...BAD_STE],
    ['STE S2TG=3', readsWith({ S2TG: 3 }, IPA), ...BAD_STE],
    [
      'STE S2TTB beyond S2PS(32b)',
      readsWith({ S2PS: AddressSize.Bits32, S2TTB: 0x2_0000_0000n }, IPA),
      ...BAD_STE,
    ],
    ['STE S2 SL0/T0SZ inconsistent (SL0=0,T0SZ=24)', readsWith({ S2SL0: 0 }, IPA), ...BAD_STE],
    ['STE S2S=1 (stall)', readsWith({ S2S: 1 }, IPA), ...BAD_STE],
    ['STE S2ENDI=1', readsWith({ S2ENDI: 1 }, IPA), ...BAD_STE],
    [
      'S2 translation fault with S2R=0',
      readsWith({ S2R: 0 }, 0x1_4100_9000n),
      'R 0x141009000 -> no data',
      '-',
    ],
    [
      'S2 walk external abort',
      readsWith({ S2TTB: OUTSIDE }, IPA),
      'R 0x141000000 -> no data',
      '0x0b F_WALK_EABT S2=1 CLASS=IN RnW=1 PnU=0 iova=0x141000000 ipa=0x60000028',
    ],
  ],
};

const STALE = 'R 0x141000000 -> PA 0x41010000';

export const stage2Tlb: Scenario = {
  name: 'the TLB in stage-2 translation',
  machine,
  observations: [
    ['S2 TLB: warm', (lab) => lab.reads(IPA), STALE, '-'],
    [
      'S2 TLB: changed, no TLBI',
      (lab) => {
        lab.map(stage2Tables(), IPA, 0x4101_4000n | READ_WRITE);
        return lab.reads(IPA);
      },
      STALE,
      '-',
    ],
    [
      'S2 TLB: TLBI_NH_ALL(vmid) only',
      (lab) => {
        lab.command('TLBI_NH_ALL', { VMID });
        return lab.reads(IPA);
      },
      STALE,
      '-',
    ],
    [
      'S2 TLB: TLBI_S2_IPA wrong VMID',
      (lab) => {
        lab.command('TLBI_S2_IPA', { VMID: VMID + 1, Address: IPA });
        return lab.reads(IPA);
      },
      STALE,
      '-',
    ],
    [
      'S2 TLB: TLBI_S2_IPA',
      (lab) => {
        lab.command('TLBI_S2_IPA', { VMID, Address: IPA });
        return lab.reads(IPA);
      },
      'R 0x141000000 -> PA 0x41014000',
      '-',
    ],
  ],
};
