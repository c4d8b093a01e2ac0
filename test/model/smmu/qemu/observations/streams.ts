import { writeCr0, writeGbpa, writeStreamTable } from '../../../../../model/smmu/qemu/smmu.ts';
import { smmuQemu11 } from '../../../../../overrides/deviations/smmu-qemu-11.ts';
import { SteConfig } from '../../../../../spec/smmuv3/ste.ts';
import { CR0_ALL, hex, Lab, LINEAR_256, OUTSIDE, type Scenario, SID, STRTAB } from './lab.ts';

const GBPA_ABORT = 1 << 20;
const GBPA_UPDATE = 2 ** 31;
const CR0_DISABLED = CR0_ALL & ~1;

/** An SMMU that is disabled, and streams that are not translated. */
export const streams: Scenario = {
  name: 'disabled, aborted and bypassed streams',
  machine: () => new Lab(),
  observations: [
    [
      'SMMUEN=0, GBPA=0x1000 (reset)',
      (lab) => {
        lab.smmu = writeCr0(lab.smmu, CR0_DISABLED);
        return `R -> ${lab.reads(0x4100_0010n).split(' -> ')[1]}`;
      },
      'R -> PA 0x41000010',
      '-',
    ],
    [
      'SMMUEN=0, GBPA.ABORT=1',
      (lab) => {
        lab.smmu = writeGbpa(lab.smmu, GBPA_UPDATE + GBPA_ABORT);
        return `R -> ${lab.reads(0x4100_0010n).split(' -> ')[1]}`;
      },
      'R -> no data',
      '-',
    ],
    [
      'GBPA write without UPDATE',
      (lab) => {
        lab.smmu = writeGbpa(lab.smmu, GBPA_UPDATE + 0x1000);
        lab.smmu = writeGbpa(lab.smmu, GBPA_ABORT);
        return `GBPA=${hex(lab.smmu.gbpa)}`;
      },
      'GBPA=0x1000',
      '-',
    ],
    [
      'STE.V=0',
      (lab) => {
        lab.smmu = writeCr0(lab.smmu, CR0_ALL);
        lab.ste({ V: 0 });
        return lab.reads(0x4100_0000n);
      },
      'R 0x41000000 -> no data',
      '0x04 C_BAD_STE sid=8',
    ],
    [
      'STE abort (Config=0b000)',
      (lab) => {
        lab.ste({ V: 1, Config: SteConfig.Abort });
        return lab.reads(0x4100_0000n);
      },
      'R 0x41000000 -> no data',
      '-',
    ],
    [
      'STE Config=0b011',
      (lab) => {
        lab.ste({ V: 1, Config: 0b011 });
        lab.afresh();
        return lab.reads(0x4100_0000n);
      },
      'R 0x41000000 -> no data',
      '-',
    ],
    [
      'STE bypass',
      (lab) => {
        lab.ste({ V: 1, Config: SteConfig.Bypass });
        lab.afresh();
        return lab.reads(0x4100_0040n);
      },
      'R 0x41000040 -> PA 0x41000040',
      '-',
    ],
    ['STE bypass write', (lab) => lab.writes(0x4100_0080n), 'W 0x41000080 -> landed at PA 0x41000080', '-'],
    [
      'bypass, IOVA >= 2^44 (beyond OAS)',
      (lab) => lab.reads(0x2000_0000_0000n),
      'R 0x200000000000 -> no data',
      '-',
    ],
    [
      'STE bypass + S1CDMax=2',
      (lab) => {
        lab.ste({ V: 1, Config: SteConfig.Bypass, S1CDMax: 2 });
        lab.afresh();
        return lab.reads(0x4100_0040n);
      },
      'R 0x41000040 -> PA 0x41000040',
      '-',
    ],
    [
      'STE s1, S1CDMax=2 (SSIDSIZE=0)',
      (lab) => {
        lab.ste({ V: 1, Config: SteConfig.S1Trans, S1CDMax: 2, S1ContextPtr: 0x4020_0000n });
        lab.afresh();
        return lab.reads(0x4100_0000n);
      },
      'R 0x41000000 -> no data',
      '0x04 C_BAD_STE sid=8',
    ],
    [
      'STE s1, S1STALLD=1',
      (lab) => {
        lab.ste({ V: 1, Config: SteConfig.S1Trans, S1STALLD: 1, S1ContextPtr: 0x4020_0000n });
        return lab.reads(0x4100_0000n);
      },
      'R 0x41000000 -> no data',
      '0x04 C_BAD_STE sid=8',
    ],
    [
      'STE s1, STRW=EL2 (IDR0.HYP=0), CD.V=0',
      (lab) => {
        lab.ste({ V: 1, Config: SteConfig.S1Trans, STRW: 2, S1ContextPtr: 0x4020_0000n });
        return lab.reads(0x4100_0000n);
      },
      'R 0x41000000 -> no data',
      '0x0a C_BAD_CD sid=8',
    ],
    [
      'STRTAB LOG2SIZE=3, SID=8 out of range',
      (lab) => {
        lab.smmu = writeStreamTable(lab.smmu, STRTAB, 3, smmuQemu11);
        return lab.reads(0x4100_0000n);
      },
      'R 0x41000000 -> no data',
      '0x02 C_BAD_STREAMID sid=8',
    ],
    [
      'STRTAB_BASE outside RAM (0x60000000)',
      (lab) => {
        lab.smmu = writeStreamTable(lab.smmu, OUTSIDE, LINEAR_256, smmuQemu11);
        return lab.reads(0x4100_0000n);
      },
      'R 0x41000000 -> no data',
      '0x03 F_STE_FETCH sid=8 w2=0x0 w3=0x60000200',
    ],
    [
      'CD pointer outside RAM',
      (lab) => {
        lab.smmu = writeStreamTable(lab.smmu, STRTAB, LINEAR_256, smmuQemu11);
        lab.ste({ V: 1, Config: SteConfig.S1Trans, S1ContextPtr: OUTSIDE });
        return lab.reads(0x4100_0000n);
      },
      'R 0x41000000 -> no data',
      '0x09 F_CD_FETCH sid=8 w2=0x60000000 w3=0x0',
    ],
  ],
};

const TWO_LEVEL_SPLIT_6 = (1 << 16) | (6 << 6) | LINEAR_256;
const L1_TABLE = 0x4018_0000n;
const L2_TABLE = 0x4018_1000n;

/** Two-level stream tables. A span of n covers 2^(n-1) StreamIDs. */
export const twoLevelTables: Scenario = {
  name: 'two-level stream tables',
  machine: () => new Lab(),
  observations: [
    [
      '2-level stream table (split 6), bypass',
      (lab) => {
        lab.smmu = writeStreamTable(lab.smmu, L1_TABLE, TWO_LEVEL_SPLIT_6, smmuQemu11);
        lab.store(L1_TABLE, [L2_TABLE | 7n]);
        lab.store(L2_TABLE + BigInt(SID * 64), [0x9n]);
        return lab.reads(0x4100_0088n);
      },
      'R 0x41000088 -> PA 0x41000088',
      '-',
    ],
    [
      '2-level: span=0',
      (lab) => {
        lab.store(L1_TABLE, [L2_TABLE]);
        lab.afresh();
        return lab.reads(0x4100_0000n);
      },
      'R 0x41000000 -> no data',
      '0x02 C_BAD_STREAMID sid=8',
    ],
    [
      '2-level: SID beyond span',
      (lab) => {
        lab.store(L1_TABLE, [L2_TABLE | 2n]);
        return lab.reads(0x4100_0000n);
      },
      'R 0x41000000 -> no data',
      '0x04 C_BAD_STE sid=8',
    ],
    [
      'switch back to linear table',
      (lab) => {
        lab.ste({ V: 1, Config: SteConfig.Bypass });
        lab.smmu = writeStreamTable(lab.smmu, STRTAB, LINEAR_256, smmuQemu11);
        return lab.reads(0x4100_008cn);
      },
      'R 0x4100008c -> no data',
      '0x02 C_BAD_STREAMID sid=8',
    ],
  ],
};
