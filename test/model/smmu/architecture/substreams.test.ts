import { describe, expect, it } from 'vitest';
import { encode } from '../../../../spec/bits.ts';
import { cd, l1ContextDescriptor } from '../../../../spec/smmuv3/cd.ts';
import { S1Dss, S1Fmt, SteConfig } from '../../../../spec/smmuv3/ste.ts';
import { CD, describeOutcome, Machine, OUTSIDE, S1_PAGE, S2_PAGE, SID } from '../machine.ts';

const VA = 0x1234_5000n;
const PAGE = 0x4100_0000n;
const OK = 'PA 0x41000000';
const BYPASSED = 'PA 0x12345000';
const CDS = 0x4050_0000n;
const { S1Trans, S2Trans, Bypass, Nested } = SteConfig;

/** A stream with 2^4 CDs, the good ones at these indices, or a single one. */
function machine(log2Cds: number, dss: number, format: number = S1Fmt.Linear): Machine {
  return new Machine(S1Trans)
    .implementing({ IDR1: { SSIDSIZE: 16 }, IDR0: { CD2L: 1 } })
    .s1(VA, PAGE | S1_PAGE)
    .with({ S1ContextPtr: CDS, S1CDMax: log2Cds, S1DSS: dss, S1Fmt: format });
}

function cdWords(of: Machine): bigint[] {
  return encode(cd, { ...CD, TTB0: of.stage1.root });
}

function access(of: Machine, substreamId: number | undefined): string {
  return describeOutcome(
    of.translate({
      streamId: SID,
      substreamId,
      address: VA,
      write: false,
      privileged: false,
      instruction: false,
    }),
  );
}

describe('a linear table of 16 CDs', () => {
  it.each([
    ['without a SubstreamID, terminating', S1Dss.Terminate, undefined, 'F_STREAM_DISABLED'],
    ['without a SubstreamID, bypassing', S1Dss.Bypass, undefined, BYPASSED],
    ['without a SubstreamID, using CD 0', S1Dss.Substream0, undefined, OK],
    ['SubstreamID 0, terminating', S1Dss.Terminate, 0, OK],
    ['SubstreamID 0, which CD 0 already serves', S1Dss.Substream0, 0, 'C_BAD_SUBSTREAMID'],
    ['SubstreamID 3', S1Dss.Substream0, 3, OK],
    ['SubstreamID 4, whose CD is invalid', S1Dss.Substream0, 4, 'C_BAD_CD'],
    ['SubstreamID 16, out of range', S1Dss.Substream0, 16, 'C_BAD_SUBSTREAMID'],
  ])('%s', (_, dss, substreamId, expected) => {
    const stream = machine(4, dss);
    stream.store(CDS, cdWords(stream)).store(CDS + 3n * 64n, cdWords(stream));
    expect(access(stream, substreamId)).toBe(expected);
  });
});

describe.each([
  ['4 KiB', S1Fmt.TwoLevel4K, 64],
  ['64 KiB', S1Fmt.TwoLevel64K, 1024],
])('a two-level table with level 2 of %s', (_, format, perL2) => {
  const L2 = 0x4051_0000n;
  it.each([
    ['the first CD', 0, OK],
    ['a CD of the second level 2 table', perL2 + 3, OK],
    ['an invalid level 1 descriptor', 2 * perL2, 'C_BAD_SUBSTREAMID'],
    ['a level 2 table where nothing answers', 3 * perL2 + 1, 'F_CD_FETCH w2=0x0 w3=0x60000040'],
  ])('finds %s', (_what, substreamId, expected) => {
    const stream = machine(13, S1Dss.Terminate, format);
    const [first = 0n] = encode(l1ContextDescriptor, { V: 1, L2Ptr: L2 });
    const [second = 0n] = encode(l1ContextDescriptor, { V: 1, L2Ptr: L2 + 0x10000n });
    const [absent = 0n] = encode(l1ContextDescriptor, { V: 1, L2Ptr: OUTSIDE });
    stream.store(CDS, [first, second, 0n, absent]);
    stream.store(L2, cdWords(stream)).store(L2 + 0x10000n + 3n * 64n, cdWords(stream));
    expect(access(stream, substreamId)).toBe(expected);
  });
});

describe('a SubstreamID', () => {
  it.each([
    ['on a stream with a single CD', S1Trans],
    ['on a stream without stage 1', S2Trans],
    ['on a stream that bypasses', Bypass],
  ])('%s is refused', (_, config) => {
    expect(access(new Machine(config).s1(VA, PAGE | S1_PAGE), 1)).toBe('C_BAD_SUBSTREAMID');
  });

  it('reaches its CD and level 1 descriptor through stage 2', () => {
    const stream = new Machine(Nested)
      .implementing({ IDR1: { SSIDSIZE: 16 }, IDR0: { CD2L: 1 } })
      .with({ S1ContextPtr: 0x1_4050_0000n, S1CDMax: 8, S1Fmt: S1Fmt.TwoLevel4K });
    const [l1 = 0n] = encode(l1ContextDescriptor, { V: 1, L2Ptr: 0x1_4051_0000n });
    expect(access(stream, 0)).toBe('F_TRANSLATION S2=1 CLASS=CD RnW=1 w3=0x140500000');
    stream.store(CDS, [l1]).s2(0x1_4050_0000n, CDS | S2_PAGE);
    expect(access(stream, 0)).toBe('F_TRANSLATION S2=1 CLASS=CD RnW=1 w3=0x140510000');
  });

  it('that bypasses stage 1 still goes through stage 2', () => {
    const stream = new Machine(Nested)
      .implementing({ IDR1: { SSIDSIZE: 16 } })
      .with({ S1CDMax: 4, S1DSS: S1Dss.Bypass })
      .s2(VA, PAGE | S2_PAGE);
    expect(access(stream, undefined)).toBe(OK);
  });

  it('is named in the event', () => {
    const stream = machine(4, S1Dss.Terminate);
    const outcome = stream.translate({
      streamId: SID,
      substreamId: 5,
      address: VA,
      write: false,
      privileged: false,
      instruction: false,
    });
    expect(outcome).toMatchObject({ kind: 'fault', event: { name: 'C_BAD_CD', substreamId: 5 } });
  });
});
