import type { Cd } from '../../../../../spec/smmuv3/cd.ts';
import { type Ste, SteConfig } from '../../../../../spec/smmuv3/ste.ts';
import { type Tables, tablesAt } from '../../tables.ts';
import { Lab, type Scenario } from './lab.ts';
import { DEVICE, READ_ONLY, READ_WRITE, STAGE_2, stage2Tables, VMID, WRITE_ONLY } from './stage2.ts';

/** What the guest owns lies in its IPA space, here at a fixed distance from where it really is. */
const CD_IPA = 0x1_4023_0400n;
const TTB0_IPA = 0x1_4031_0000n;
const L1_IPA = 0x1_4031_1000n;
const DISTANCE = 0xfe00_0000n;
const physical = (ipa: bigint): bigint => ipa - DISTANCE;
const ASID = 6;
export const SID_2 = 16;
const VMID_2 = 10;

const PAGE = 0x443n;
const GUEST_READ_ONLY = 0x4c3n;
const NOT_ACCESSED = 0x043n;
/** Where stage 2 puts the tables that it still needs. */
const LATER_TABLES = 0x4048_0000n;

const STE: Partial<Ste> = { ...STAGE_2, Config: SteConfig.Nested, S1ContextPtr: CD_IPA };
const CD: Partial<Cd> = {
  V: 1,
  AA64: 1,
  A: 1,
  R: 1,
  T0SZ: 16,
  EPD1: 1,
  IPS: 4,
  TTB0: TTB0_IPA,
  ASID,
};

function mapIpa(lab: Lab, ipa: bigint, descriptor: bigint): void {
  lab.map({ ...stage2Tables(), free: LATER_TABLES }, ipa, descriptor);
}

function machine(): Lab {
  const lab = new Lab();
  const guest: Tables = tablesAt(TTB0_IPA, 0, { physical });
  lab.map(guest, 0x12_3456_7000n, 0x1_5000_0000n | PAGE);
  lab.map(guest, 0x12_3456_8000n, 0x1_5000_1000n | GUEST_READ_ONLY);
  lab.map(guest, 0x12_3456_9000n, 0x1_5000_2000n | PAGE);
  lab.map(guest, 0x12_3456_a000n, 0x300_0000_0000n | PAGE);
  lab.map(guest, 0x12_3456_c000n, 0x1_5000_3000n | NOT_ACCESSED);
  const host = stage2Tables();
  // The guest's L2 and L3 tables follow its L1 table.
  for (const table of [L1_IPA + 0x1000n, L1_IPA + 0x2000n])
    lab.map(host, table, physical(table) | READ_WRITE);
  lab.map(host, 0x1_4100_0000n, 0x4101_4000n | READ_WRITE);
  lab.map(host, 0x1_5000_0000n, 0x4102_0000n | READ_WRITE);
  lab.map(host, 0x1_5000_1000n, 0x4102_1000n | READ_WRITE);
  lab.map(host, 0x1_5000_2000n, 0x4102_2000n | READ_ONLY);
  lab.cd(physical(CD_IPA), CD);
  lab.ste(STE);
  lab.ste({ ...STE }, SID_2);
  return lab;
}

const PAGE_IOVA = 0x12_3456_7000n;

/** A read with every cache empty, CD and STE changed by these fields. */
function readsWith(changes: { cd?: Partial<Cd>; ste?: Partial<Ste> }, iova: bigint): (lab: Lab) => string {
  return (lab) => {
    lab.cd(physical(CD_IPA), { ...CD, ...changes.cd });
    lab.ste({ ...STE, ...changes.ste });
    lab.afresh();
    return lab.reads(iova);
  };
}

/** A read with every cache empty, after stage 2 maps this page. */
function readsAfterMapping(ipa: bigint, descriptor: bigint, iova = PAGE_IOVA): (lab: Lab) => string {
  return (lab) => {
    mapIpa(lab, ipa, descriptor);
    lab.afresh();
    return lab.reads(iova);
  };
}

const page = (ipa: bigint): bigint => ipa & ~0xfffn;
const NO_DATA = 'R 0x1234567000 -> no data';

/** Nested translation, in the order of a walk, and the combined entries that it leaves in the TLB. */
export const nested: Scenario = {
  name: 'nested translation',
  machine,
  observations: [
    [
      'nested: CD IPA unmapped in S2',
      (lab) => lab.reads(PAGE_IOVA),
      NO_DATA,
      '0x10 F_TRANSLATION S2=1 CLASS=CD RnW=1 PnU=0 iova=0x1234567000 ipa=0x140230400',
    ],
    [
      'nested: TTB0 IPA unmapped in S2',
      readsAfterMapping(page(CD_IPA), physical(page(CD_IPA)) | READ_WRITE),
      NO_DATA,
      '0x10 F_TRANSLATION S2=1 CLASS=TT RnW=1 PnU=0 iova=0x1234567000 ipa=0x140310000',
    ],
    [
      'nested: S1 L1 table IPA unmapped in S2',
      readsAfterMapping(TTB0_IPA, physical(TTB0_IPA) | READ_WRITE),
      NO_DATA,
      '0x10 F_TRANSLATION S2=0 CLASS=TT RnW=1 PnU=0 iova=0x1234567000 ipa=0x140311000',
    ],
    [
      'nested: success read',
      readsAfterMapping(L1_IPA, physical(L1_IPA) | READ_WRITE, PAGE_IOVA + 0x30n),
      'R 0x1234567030 -> PA 0x41020030',
      '-',
    ],
    [
      'nested: success write',
      (lab) => lab.writes(PAGE_IOVA + 0x34n),
      'W 0x1234567034 -> landed at PA 0x41020034',
      '-',
    ],
    [
      'nested: S1 translation fault',
      (lab) => lab.reads(0x12_3456_f000n),
      'R 0x123456f000 -> no data',
      '0x10 F_TRANSLATION S2=0 CLASS=IN RnW=1 PnU=0 iova=0x123456f000 ipa=0x0',
    ],
    [
      'nested: S1 permission fault',
      (lab) => lab.writes(0x12_3456_8000n, 0x4102_1000n),
      'W 0x1234568000 -> not at 0x41021000',
      '0x13 F_PERMISSION S2=0 CLASS=IN RnW=0 PnU=0 iova=0x1234568000 ipa=0x0',
    ],
    [
      'nested: S2 permission fault on final IPA',
      (lab) => lab.writes(0x12_3456_9000n, 0x4102_2000n),
      'W 0x1234569000 -> not at 0x41022000',
      '0x13 F_PERMISSION S2=1 CLASS=IN RnW=0 PnU=0 iova=0x1234569000 ipa=0x150002000',
    ],
    [
      'nested: same page, read ok',
      (lab) => lab.reads(0x12_3456_9004n),
      'R 0x1234569004 -> PA 0x41022004',
      '-',
    ],
    [
      'nested: S2 translation fault on final IPA',
      (lab) => lab.reads(0x12_3456_a044n),
      'R 0x123456a044 -> no data',
      '0x10 F_TRANSLATION S2=1 CLASS=IN RnW=1 PnU=0 iova=0x123456a044 ipa=0x30000000044',
    ],
    [
      'nested: S1 AF fault',
      (lab) => lab.reads(0x12_3456_c000n),
      'R 0x123456c000 -> no data',
      '0x12 F_ACCESS S2=0 CLASS=IN RnW=1 PnU=0 iova=0x123456c000 ipa=0x0',
    ],
    [
      'nested: S2 perm fault on cached entry (after read)',
      (lab) => lab.writes(0x12_3456_9000n, 0x4102_2000n),
      'W 0x1234569000 -> not at 0x41022000',
      '0x13 F_PERMISSION S2=1 CLASS=IN RnW=0 PnU=0 iova=0x1234569000 ipa=0x0',
    ],
    [
      'nested: S2 leaf changed, no TLBI',
      (lab) => {
        mapIpa(lab, 0x1_5000_0000n, 0x4102_3000n | READ_WRITE);
        return lab.reads(PAGE_IOVA);
      },
      'R 0x1234567000 -> PA 0x41020000',
      '-',
    ],
    [
      'nested: after TLBI_S2_IPA only',
      (lab) => {
        lab.command('TLBI_S2_IPA', { VMID, Address: 0x1_5000_0000n });
        return lab.reads(PAGE_IOVA);
      },
      'R 0x1234567000 -> PA 0x41020000',
      '-',
    ],
    [
      'nested: + TLBI_NH_ALL(vmid)',
      (lab) => {
        lab.command('TLBI_NH_ALL', { VMID });
        return lab.reads(PAGE_IOVA);
      },
      'R 0x1234567000 -> PA 0x41023000',
      '-',
    ],
    [
      'nested: leaf changed + TLBI_S12_VMALL',
      (lab) => {
        mapIpa(lab, 0x1_5000_0000n, 0x4102_4000n | READ_WRITE);
        lab.command('TLBI_S12_VMALL', { VMID });
        return lab.reads(PAGE_IOVA);
      },
      'R 0x1234567000 -> PA 0x41024000',
      '-',
    ],
    [
      'nested: S2 of TTB0 page zapped + TLBI_S12_VMALL (no CFGI)',
      (lab) => {
        mapIpa(lab, TTB0_IPA, 0n);
        lab.command('TLBI_S12_VMALL', { VMID });
        return lab.reads(PAGE_IOVA);
      },
      'R 0x1234567000 -> PA 0x41024000',
      '-',
    ],
    [
      'nested: same + CFGI_ALL',
      (lab) => {
        lab.command('CFGI_STE_RANGE', { Range: 31 });
        return lab.reads(PAGE_IOVA);
      },
      NO_DATA,
      '0x10 F_TRANSLATION S2=1 CLASS=TT RnW=1 PnU=0 iova=0x1234567000 ipa=0x140310000',
    ],
    [
      'nested: restored',
      readsAfterMapping(TTB0_IPA, physical(TTB0_IPA) | READ_WRITE),
      'R 0x1234567000 -> PA 0x41024000',
      '-',
    ],
    [
      'nested: S2PTW=1, TTB page is Device in S2',
      (lab) => {
        mapIpa(lab, TTB0_IPA, physical(TTB0_IPA) | DEVICE);
        return readsWith({ ste: { S2PTW: 1 } }, PAGE_IOVA)(lab);
      },
      'R 0x1234567000 -> PA 0x41024000',
      '-',
    ],
    [
      'nested: S1 table page WO in S2',
      (lab) => {
        mapIpa(lab, TTB0_IPA, physical(TTB0_IPA) | WRITE_ONLY);
        return readsWith({}, PAGE_IOVA)(lab);
      },
      NO_DATA,
      '0x13 F_PERMISSION S2=1 CLASS=TT RnW=1 PnU=0 iova=0x1234567000 ipa=0x140310000',
    ],
    [
      'nested: CD.V=0',
      (lab) => {
        mapIpa(lab, TTB0_IPA, physical(TTB0_IPA) | READ_WRITE);
        return readsWith({ cd: { V: 0 } }, PAGE_IOVA)(lab);
      },
      NO_DATA,
      '0x0a C_BAD_CD sid=8',
    ],
    [
      'nested: S2 fault on final IPA with S2R=0',
      readsWith({ ste: { S2R: 0 } }, 0x12_3456_a000n),
      'R 0x123456a000 -> no data',
      '-',
    ],
    [
      'nested: S2 fault with CD.R=0, S2R=1',
      readsWith({ cd: { R: 0 } }, 0x12_3456_a000n),
      'R 0x123456a000 -> no data',
      '0x10 F_TRANSLATION S2=1 CLASS=IN RnW=1 PnU=0 iova=0x123456a000 ipa=0x30000000000',
    ],
    ['nested: S1 fault with CD.R=0', (lab) => lab.reads(0x12_3456_f000n), 'R 0x123456f000 -> no data', '-'],
    [
      'nested: 2nd stream (SID 16), same tables',
      (lab) => {
        readsWith({}, PAGE_IOVA)(lab);
        lab.streamId = SID_2;
        return lab.reads(PAGE_IOVA + 0x30n);
      },
      'R 0x1234567030 -> PA 0x41024030',
      '-',
    ],
    [
      'stream 2 S2-only VMID 10',
      (lab) => {
        lab.ste({ ...STAGE_2, S2VMID: VMID_2 }, SID_2);
        lab.command('CFGI_STE', { StreamID: SID_2, Leaf: 1 });
        const seen = lab.reads(0x1_4100_0000n);
        lab.streamId = 8;
        return seen;
      },
      'R 0x141000000 -> PA 0x41014000',
      '-',
    ],
  ],
};

/** The same machine with its stage 2 complete. */
export function nestedMachine(): Lab {
  const lab = machine();
  for (const ipa of [page(CD_IPA), TTB0_IPA, L1_IPA]) mapIpa(lab, ipa, physical(ipa) | READ_WRITE);
  return lab;
}
