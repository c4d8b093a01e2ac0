import { describe, expect, it } from 'vitest';
import { dataAccess } from '../../../../model/smmu/architecture/access.ts';
import { type Registers, smmuOf, translate } from '../../../../model/smmu/architecture/translate.ts';
import { encode } from '../../../../spec/bits.ts';
import { strtabBaseCfg } from '../../../../spec/smmuv3/registers.ts';
import { l1StreamTableDescriptor, SteConfig, ste } from '../../../../spec/smmuv3/ste.ts';
import { describeOutcome, OUTSIDE, REGISTERS } from '../machine.ts';

const BASE = 0x4010_0000n;
const L2 = 0x4020_0000n;
const ADDRESS = 0x4100_0000n;
const OK = 'PA 0x41000000';
const bypass = encode(ste, { V: 1, Config: SteConfig.Bypass });

const LINEAR = { FMT: 0, LOG2SIZE: 8 } as const;
const TWO_LEVEL = { FMT: 1, LOG2SIZE: 12, SPLIT: 6 } as const;

function l1(span: number, pointer = L2): bigint {
  const [word = 0n] = encode(l1StreamTableDescriptor, { Span: span, L2Ptr: pointer });
  return word;
}

interface Setup {
  readonly table: Parameters<typeof encode<typeof strtabBaseCfg>>[1];
  readonly memory: readonly (readonly [address: bigint, words: readonly bigint[]])[];
  readonly registers?: Partial<Registers>;
}

function outcome(streamId: number, { table, memory, registers }: Setup, address = ADDRESS): string {
  const words = new Map<bigint, bigint>();
  for (const [at, values] of memory)
    values.forEach((value, index) => {
      words.set(at + BigInt(index * 8), value);
    });
  const smmu = smmuOf({
    ...REGISTERS,
    CR0: 1,
    CR2: 0b10,
    GBPA: 0,
    STRTAB_BASE: BASE,
    STRTAB_BASE_CFG: Number(encode(strtabBaseCfg, table)[0]),
    ...registers,
  });
  const read = (at: bigint) => (at >= OUTSIDE ? undefined : (words.get(at) ?? 0n));
  return describeOutcome(translate(smmu, dataAccess(streamId, address, 'read'), read));
}

describe('a linear stream table', () => {
  const memory = [[BASE + 255n * 64n, bypass]] as const;
  it.each<[string, number, Setup, string]>([
    ['has an entry for each StreamID', 255, { table: LINEAR, memory }, OK],
    ['has an invalid entry', 254, { table: LINEAR, memory }, 'C_BAD_STE'],
    ['ends at LOG2SIZE', 256, { table: LINEAR, memory }, 'C_BAD_STREAMID'],
    ['ends at SIDSIZE', 0x10000, { table: { ...LINEAR, LOG2SIZE: 20 }, memory }, 'C_BAD_STREAMID'],
    [
      'is aligned to its size',
      255,
      { table: LINEAR, memory, registers: { STRTAB_BASE: BASE + 0x2000n } },
      OK,
    ],
    ...[58, 59, 63].map((LOG2SIZE): [string, number, Setup, string] => [
      `begins at address 0 where LOG2SIZE is ${LOG2SIZE}`,
      2,
      { table: { ...LINEAR, LOG2SIZE }, memory: [[128n, bypass]] },
      OK,
    ]),
    [
      'lies where nothing answers',
      2,
      { table: LINEAR, memory, registers: { STRTAB_BASE: OUTSIDE } },
      'F_STE_FETCH w2=0x0 w3=0x60000080',
    ],
    [
      'does not record unknown StreamIDs unless CR2.RECINVSID says so',
      256,
      { table: LINEAR, memory, registers: { CR2: 0 } },
      'silent abort',
    ],
  ])('%s', (_, streamId, setup, expected) => {
    expect(outcome(streamId, setup)).toBe(expected);
  });
});

describe('a two-level stream table', () => {
  it.each<[string, number, Setup, string]>([
    [
      'has an entry for each StreamID of a span',
      64 + 7,
      {
        table: TWO_LEVEL,
        memory: [
          [BASE + 8n, [l1(4)]],
          [L2 + 7n * 64n, bypass],
        ],
      },
      OK,
    ],
    [
      'ends a span after 2^(Span-1) entries',
      64 + 8,
      {
        table: TWO_LEVEL,
        memory: [
          [BASE + 8n, [l1(4)]],
          [L2 + 8n * 64n, bypass],
        ],
      },
      'C_BAD_STREAMID',
    ],
    ['has no entries where Span is 0', 64, { table: TWO_LEVEL, memory: [] }, 'C_BAD_STREAMID'],
    [
      'has no entries where Span is reserved',
      64,
      {
        table: TWO_LEVEL,
        memory: [
          [BASE + 8n, [l1(12)]],
          [L2, bypass],
        ],
      },
      'C_BAD_STREAMID',
    ],
    [
      'splits at 6 where SPLIT is reserved',
      64,
      {
        table: { ...TWO_LEVEL, SPLIT: 7 },
        memory: [
          [BASE + 8n, [l1(1)]],
          [L2, bypass],
        ],
      },
      OK,
    ],
    [
      'splits at 8',
      256 + 1,
      {
        table: { ...TWO_LEVEL, SPLIT: 8 },
        memory: [
          [BASE + 8n, [l1(2)]],
          [L2 + 64n, bypass],
        ],
      },
      OK,
    ],
    [
      'has a level 2 array where nothing answers',
      0,
      { table: TWO_LEVEL, memory: [[BASE, [l1(1, OUTSIDE)]]] },
      'F_STE_FETCH w2=0x0 w3=0x60000000',
    ],
    [
      'has a level 1 array where nothing answers',
      64,
      { table: TWO_LEVEL, memory: [], registers: { STRTAB_BASE: OUTSIDE } },
      'F_STE_FETCH w2=0x0 w3=0x60000008',
    ],
  ])('%s', (_, streamId, setup, expected) => {
    expect(outcome(streamId, setup)).toBe(expected);
  });
});

describe('a disabled SMMU', () => {
  const setup = (registers: Partial<Registers>): Setup => ({ table: LINEAR, memory: [], registers });
  it.each([
    ['passes everything on', 0, ADDRESS, OK],
    ['aborts everything where GBPA says so', 1 << 20, ADDRESS, 'silent abort'],
    ['aborts what is beyond OAS, without an event', 0, 1n << 44n, 'silent abort'],
  ])('%s', (_, GBPA, address, expected) => {
    expect(outcome(0, setup({ CR0: 0, GBPA }), address)).toBe(expected);
  });
});
