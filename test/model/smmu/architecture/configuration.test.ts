import { describe, expect, it } from 'vitest';
import type { Cd } from '../../../../spec/smmuv3/cd.ts';
import { GranuleTtb1 } from '../../../../spec/smmuv3/cd.ts';
import { StallModel, TranslationTableFormat, TtEndian } from '../../../../spec/smmuv3/id-registers.ts';
import { AddressSize, Eats, Granule, S1Fmt, type Ste, SteConfig, Strw } from '../../../../spec/smmuv3/ste.ts';
import { Machine, OUTSIDE, S1_PAGE, S2_PAGE } from '../machine.ts';

const VA = 0x1234_5000n;
const PAGE = 0x4100_0000n;
const OK = 'PA 0x41000000';
const { S1Trans, S2Trans, Nested, Bypass } = SteConfig;

type Implementing = Parameters<Machine['implementing']>[0];

const stage1 = () => new Machine(S1Trans).s1(VA, PAGE | S1_PAGE);
const stage2 = () => new Machine(S2Trans).s2(VA, PAGE | S2_PAGE);

describe('an STE', () => {
  it.each<[string, number, Partial<Ste>, Implementing, string]>([
    ['is invalid', S1Trans, { V: 0 }, {}, 'C_BAD_STE'],
    ['aborts', S1Trans, { Config: 0b000 }, {}, 'silent abort'],
    ['aborts, Config being any 0b0xx', S1Trans, { Config: 0b011 }, {}, 'silent abort'],
    ['bypasses', S1Trans, { Config: Bypass }, {}, 'PA 0x12345000'],
    ['translates', S1Trans, {}, {}, OK],
    ['enables a stage 1 that is not there', S1Trans, {}, { IDR0: { S1P: 0 } }, 'C_BAD_STE'],
    ['enables a stage 2 that is not there', S2Trans, {}, { IDR0: { S2P: 0 } }, 'C_BAD_STE'],
    ['has more CDs than SSIDSIZE', S1Trans, { S1CDMax: 5 }, { IDR1: { SSIDSIZE: 4 } }, 'C_BAD_STE'],
    ['has S1CDMax where there are no substreams', S1Trans, { S1CDMax: 1 }, {}, OK],
    ['has S1CDMax without stage 1', S2Trans, { S1CDMax: 31 }, {}, OK],
    ['has a reserved S1Fmt', S1Trans, { S1CDMax: 4, S1Fmt: 3 }, { IDR1: { SSIDSIZE: 8 } }, 'C_BAD_STE'],
    ['has a reserved S1Fmt and one CD', S1Trans, { S1Fmt: 3 }, {}, OK],
    [
      'has a two-level CD table without CD2L',
      S1Trans,
      { S1CDMax: 4, S1Fmt: S1Fmt.TwoLevel4K, S1DSS: 2 },
      { IDR1: { SSIDSIZE: 8 } },
      'C_BAD_STE',
    ],
    ['has a reserved S1DSS', S1Trans, { S1CDMax: 4, S1DSS: 3 }, { IDR1: { SSIDSIZE: 8 } }, 'C_BAD_STE'],
    ['disables stalls that are never there', S1Trans, { S1STALLD: 1 }, {}, 'C_BAD_STE'],
    ['disables stalls', S1Trans, { S1STALLD: 1 }, { IDR0: { STALL_MODEL: StallModel.StallOrTerminate } }, OK],
    ['is EL2 without HYP', S1Trans, { STRW: Strw.El2 }, {}, 'C_BAD_STE'],
    ['is EL2 with HYP', S1Trans, { STRW: Strw.El2 }, { IDR0: { HYP: 1 } }, OK],
    ['is EL2 above a stage 2', Nested, { STRW: Strw.El2 }, { IDR0: { HYP: 1 } }, 'C_BAD_STE'],
    ['has STRW without stage 1', S2Trans, { STRW: Strw.Any }, {}, OK],
    ['points at a CD beyond OAS', S1Trans, { S1ContextPtr: 1n << 44n }, {}, 'C_BAD_STE'],
    ['has AArch32 tables that are not there', S2Trans, { S2AA64: 0 }, {}, 'C_BAD_STE'],
    [
      'has AArch32 tables',
      S2Trans,
      { S2AA64: 0 },
      { IDR0: { TTF: TranslationTableFormat.Both } },
      'unmodelled: AArch32 tables',
    ],
    ['has a reserved granule', S2Trans, { S2TG: 3 }, {}, 'C_BAD_STE'],
    ['has a granule that is not there', S2Trans, {}, { IDR5: { GRAN4K: 0 } }, 'C_BAD_STE'],
    ['starts at a reserved level', S2Trans, { S2SL0: 3 }, {}, 'C_BAD_STE'],
    ['starts at level 0 of small addresses', S2Trans, { S2SL0: 2 }, { IDR5: { OAS: 3 } }, 'C_BAD_STE'],
    ['concatenates more than 16 tables', S2Trans, { S2SL0: 0, S2T0SZ: 29 }, {}, 'C_BAD_STE'],
    [
      'concatenates 16 tables',
      S2Trans,
      { S2SL0: 0, S2T0SZ: 30 },
      {},
      'F_TRANSLATION S2=1 CLASS=IN RnW=1 w3=0x12345000',
    ],
    ['starts above its input size', S2Trans, { S2SL0: 2, S2T0SZ: 25 }, {}, 'C_BAD_STE'],
    ['has an input larger than IAS', S2Trans, { S2SL0: 2, S2T0SZ: 19 }, {}, 'C_BAD_STE'],
    ['has an input of IAS and a smaller output', S2Trans, { S2T0SZ: 21, S2PS: 1 }, {}, OK],
    ['has a tiny input', S2Trans, { S2SL0: 0, S2T0SZ: 40 }, {}, 'C_BAD_STE'],
    [
      'has a tiny input and STT',
      S2Trans,
      { S2SL0: 3, S2T0SZ: 44 },
      { IDR3: { STT: 1 } },
      'F_TRANSLATION S2=1 CLASS=IN RnW=1 w3=0x12345000',
    ],
    ['points at tables beyond S2PS', S2Trans, { S2PS: 0, S2TTB: 1n << 32n }, {}, 'C_BAD_STE'],
    ['has big-endian tables', S2Trans, { S2ENDI: 1 }, {}, 'C_BAD_STE'],
    ['stalls', S2Trans, { S2S: 1 }, {}, 'C_BAD_STE'],
    [
      'does not stall where stalls are forced',
      S2Trans,
      {},
      { IDR0: { STALL_MODEL: StallModel.StallForced } },
      'C_BAD_STE',
    ],
    ['updates access flags without HTTU', S2Trans, { S2HA: 1 }, {}, 'C_BAD_STE'],
    [
      'updates dirty state with access flags only',
      S2Trans,
      { S2HA: 1, S2HD: 1 },
      { IDR0: { HTTU: 1 } },
      'C_BAD_STE',
    ],
    ['updates access flags', S2Trans, { S2HA: 1 }, { IDR0: { HTTU: 1 } }, OK],
    ['has an EATS without ATS', S1Trans, { EATS: 3 }, {}, OK],
    ['splits stages of a single one', S1Trans, { EATS: Eats.SplitStage }, { IDR0: { ATS: 1 } }, 'C_BAD_STE'],
    ['translates ATS requests', S1Trans, { EATS: Eats.Translated }, { IDR0: { ATS: 1 } }, OK],
    [
      'translates ATS requests of a stage 2 that stalls',
      S2Trans,
      { EATS: Eats.Translated, S2S: 1 },
      { IDR0: { ATS: 1, STALL_MODEL: 0 } },
      'C_BAD_STE',
    ],
    [
      'has 52-bit output',
      S2Trans,
      { S2TG: Granule.Size64K, S2PS: AddressSize.Bits52, S2T0SZ: 24 },
      { IDR5: { OAS: AddressSize.Bits52 } },
      'unmodelled: 52-bit addresses',
    ],
  ])('that %s', (_, config, fields, implementing, expected) => {
    const machine = config === S1Trans ? stage1() : config === S2Trans ? stage2() : new Machine(config);
    expect(machine.with(fields).implementing(implementing).reads(VA)).toBe(expected);
  });

  it('cannot be fetched', () => {
    expect(stage1().with({ S1ContextPtr: OUTSIDE }).reads(VA)).toBe('F_CD_FETCH w2=0x0 w3=0x60000000');
  });
});

describe('a CD', () => {
  it.each<[string, Partial<Cd>, Implementing, string]>([
    ['is invalid', { V: 0 }, {}, 'C_BAD_CD'],
    ['has AArch32 tables that are not there', { AA64: 0 }, {}, 'C_BAD_CD'],
    ['has AArch32 tables', { AA64: 0 }, { IDR0: { TTF: 3 } }, 'unmodelled: AArch32 tables'],
    ['does not abort though TERM_MODEL says so', { A: 0 }, {}, 'C_BAD_CD'],
    ['does not abort', { A: 0 }, { IDR0: { TERM_MODEL: 0 } }, OK],
    ['stalls', { S: 1 }, {}, 'C_BAD_CD'],
    ['stalls where it may', { S: 1 }, { IDR0: { STALL_MODEL: 0 } }, OK],
    ['does not stall where stalls are forced', {}, { IDR0: { STALL_MODEL: 2 } }, 'C_BAD_CD'],
    ['updates access flags without HTTU', { HA: 1 }, {}, 'C_BAD_CD'],
    ['updates dirty state with access flags only', { HA: 1, HD: 1 }, { IDR0: { HTTU: 1 } }, 'C_BAD_CD'],
    ['has an input too large', { T0SZ: 15 }, {}, 'C_BAD_CD'],
    [
      'has an input of 52 bits',
      { T0SZ: 12, TG0: Granule.Size64K },
      { IDR5: { VAX: 1 } },
      'unmodelled: 52-bit addresses',
    ],
    ['has an input too small', { T0SZ: 40 }, {}, 'C_BAD_CD'],
    ['has a reserved TG0', { TG0: 3 }, {}, 'C_BAD_CD'],
    ['has a reserved TG1', { EPD1: 0, T1SZ: 16, TG1: 0 }, {}, 'C_BAD_CD'],
    ['has a bad TTB1 that is not walked', { EPD1: 1, T1SZ: 0, TG1: 0, TTB1: 1n << 50n }, {}, OK],
    ['has a bad TTB1', { EPD1: 0, T1SZ: 0, TG1: GranuleTtb1.Size4K }, {}, 'C_BAD_CD'],
    ['has a granule that is not there', { TG0: Granule.Size16K }, { IDR5: { GRAN16K: 0 } }, 'C_BAD_CD'],
    ['has big-endian tables', { ENDI: 1 }, {}, 'C_BAD_CD'],
    ['has little-endian tables on a big-endian SMMU', {}, { IDR0: { TTENDIAN: TtEndian.Big } }, 'C_BAD_CD'],
    ['points at tables beyond IPS', { IPS: AddressSize.Bits32, TTB0: 1n << 32n }, {}, 'C_BAD_CD'],
    ['has an IPS beyond OAS', { IPS: 7 }, {}, OK],
    ['disables both TTBs', { EPD0: 1 }, {}, 'F_TRANSLATION S2=0 CLASS=IN RnW=1 w3=0x0'],
  ])('that %s', (_, fields, implementing, expected) => {
    expect(stage1().cd(fields).implementing(implementing).reads(VA)).toBe(expected);
  });
});

it('reads big-endian tables where the SMMU can', () => {
  const swap = (word: bigint) => {
    let swapped = 0n;
    for (let byte = 0n; byte < 8n; byte++) swapped = (swapped << 8n) | ((word >> (8n * byte)) & 0xffn);
    return swapped;
  };
  const machine = stage1().implementing({ IDR0: { TTENDIAN: TtEndian.Mixed } });
  for (const [address, word] of machine.memory)
    if (address >= machine.stage1.root && address < machine.stage1.free)
      machine.memory.set(address, swap(word));
  expect(machine.cd({ ENDI: 1 }).reads(VA)).toBe(OK);
});
