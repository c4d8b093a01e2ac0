import { describe, expect, it } from 'vitest';
import type { Cd } from '../../../../spec/smmuv3/cd.ts';
import { type Ste, SteConfig } from '../../../../spec/smmuv3/ste.ts';
import { describeOutcome, ipaOf, Machine, OUTSIDE, physical, S1_PAGE, S2_PAGE, SID } from '../machine.ts';

const VA = 0x1234_5000n;
const PAGE = 0x4100_0000n;
const { S1Trans, S2Trans, Nested } = SteConfig;
const TABLE = 3n;

const nested = () =>
  new Machine(Nested)
    .s1(VA, ipaOf(PAGE) | S1_PAGE)
    .s2Tables()
    .s2(ipaOf(PAGE), PAGE | S2_PAGE);

describe('nested translation', () => {
  it('takes the CD, every table and the page through stage 2, in this order', () => {
    const machine = new Machine(Nested).s1(VA, ipaOf(PAGE) | S1_PAGE);
    const steps: string[] = [];
    for (let step = 0; step < 8; step++) {
      const seen = machine.reads(VA);
      steps.push(seen);
      const ipa = /^F_TRANSLATION S2=1 .*w3=(0x[0-9a-f]+)$/.exec(seen)?.[1];
      if (ipa === undefined) break;
      machine.s2(BigInt(ipa), physical(BigInt(ipa)) | S2_PAGE);
    }
    const fault = (what: string, ipa: string) => `F_TRANSLATION S2=1 CLASS=${what} RnW=1 w3=${ipa}`;
    expect(steps).toEqual([
      fault('CD', '0x140200000'),
      fault('TT', '0x140300000'),
      fault('TT', '0x140301000'),
      fault('TT', '0x140302000'),
      fault('TT', '0x140303000'),
      fault('IN', '0x141000000'),
      'PA 0x41000000',
    ]);
  });

  it('names the page of a descriptor, not of its table', () => {
    const machine = new Machine(Nested, { granule: 16 }).cd({ TG0: 1 });
    machine.s1(0x3fff_0000n, ipaOf(PAGE) | S1_PAGE).s2Tables();
    const lastPage = machine.stage1.free - 0x1000n;
    const fault = `F_TRANSLATION S2=1 CLASS=TT RnW=1 w3=0x${lastPage.toString(16)}`;
    expect(machine.s2(lastPage, 0n).reads(0x3fff_0000n)).toBe(fault);
  });

  it.each<[string, Partial<Ste>, Partial<Cd>, bigint, string]>([
    ['S2R hides a stage-2 fault', { S2R: 0 }, {}, ipaOf(PAGE), 'silent abort'],
    ['CD.R does not', {}, { R: 0 }, ipaOf(PAGE), 'F_TRANSLATION S2=1 CLASS=IN RnW=1 w3=0x141000000'],
  ])('%s', (_, ste, cd, unmapped, expected) => {
    expect(nested().with(ste).cd(cd).s2(unmapped, 0n).reads(VA)).toBe(expected);
  });

  it('reads a CD from Device memory only if S2PTW allows it', () => {
    const DEVICE = 0x4c3n;
    const machine = nested();
    const page = 0x1_4020_0000n;
    machine.s2(page, physical(page) | DEVICE);
    expect(machine.reads(VA)).toBe('PA 0x41000000');
    expect(machine.with({ S2PTW: 1 }).reads(VA)).toBe('F_PERMISSION S2=1 CLASS=CD RnW=1 w3=0x140200000');
  });
});

describe('a stage-1 fault', () => {
  const cases: readonly [string, (machine: Machine) => Machine, string][] = [
    ['F_TRANSLATION', (m) => m.s1(VA, 0n), 'F_TRANSLATION S2=0 CLASS=IN RnW=1 w3=0x0'],
    [
      'F_TRANSLATION for a reserved page',
      (m) => m.s1(VA, PAGE | 0x441n),
      'F_TRANSLATION S2=0 CLASS=IN RnW=1 w3=0x0',
    ],
    [
      'F_ADDR_SIZE before F_ACCESS',
      (m) => m.s1(VA, (1n << 44n) | 3n),
      'F_ADDR_SIZE S2=0 CLASS=IN RnW=1 w3=0x0',
    ],
    [
      'F_ADDR_SIZE of a table',
      (m) => m.store(m.stage1.root, [(1n << 44n) | TABLE]),
      'F_ADDR_SIZE S2=0 CLASS=IN RnW=1 w3=0x0',
    ],
    ['F_ACCESS before F_PERMISSION', (m) => m.s1(VA, PAGE | 3n), 'F_ACCESS S2=0 CLASS=IN RnW=1 w3=0x0'],
    ['F_PERMISSION', (m) => m.s1(VA, PAGE | 0x403n), 'F_PERMISSION S2=0 CLASS=IN RnW=1 w3=0x0'],
    [
      'F_WALK_EABT',
      (m) => m.store(m.stage1.root, [OUTSIDE | TABLE]),
      'F_WALK_EABT S2=0 CLASS=TT RnW=1 w3=0x60000000',
    ],
  ];
  it.each(cases)('%s', (_, change, expected) => {
    expect(change(new Machine(S1Trans)).reads(VA)).toBe(expected);
  });

  it.each<[string, Partial<Cd>, string]>([
    ['is not recorded with R = 0', { R: 0 }, 'silent abort'],
    ['reads as zero with A = 0', { A: 0 }, 'F_TRANSLATION S2=0 CLASS=IN RnW=1 w3=0x0 raz-wi'],
    ['reads as zero without an event', { A: 0, R: 0 }, 'silent raz-wi'],
    [
      'stalls with S = 1, and then is always recorded',
      { S: 1, R: 0 },
      'F_TRANSLATION S2=0 CLASS=IN RnW=1 w3=0x0 stall',
    ],
    ['of the access flag is off with AFFD = 1', { AFFD: 1 }, 'F_TRANSLATION S2=0 CLASS=IN RnW=1 w3=0x0'],
  ])('%s', (_, cd, expected) => {
    const machine = new Machine(S1Trans).implementing({ IDR0: { TERM_MODEL: 0, STALL_MODEL: 0 } });
    expect(machine.cd(cd).reads(VA)).toBe(expected);
  });

  it('is an external abort whatever R says', () => {
    const machine = new Machine(S1Trans).cd({ R: 0 });
    machine.store(machine.stage1.root, [OUTSIDE | TABLE]);
    expect(machine.reads(VA)).toBe('F_WALK_EABT S2=0 CLASS=TT RnW=1 w3=0x60000000');
  });
});

describe('a stage-2 fault', () => {
  const ACCESSED = 1n << 10n;
  const cases: readonly [string, (machine: Machine) => Machine, string][] = [
    ['F_TRANSLATION', (m) => m, 'F_TRANSLATION S2=1 CLASS=IN RnW=1 w3=0x12345000'],
    [
      'F_ADDR_SIZE before F_ACCESS',
      (m) => m.s2(VA, (1n << 44n) | 3n),
      'F_ADDR_SIZE S2=1 CLASS=IN RnW=1 w3=0x12345000',
    ],
    [
      'F_ADDR_SIZE of a table',
      (m) => m.store(m.stage2.root, [(1n << 44n) | TABLE]),
      'F_ADDR_SIZE S2=1 CLASS=IN RnW=1 w3=0x12345000',
    ],
    [
      'F_ACCESS before F_PERMISSION',
      (m) => m.s2(VA, PAGE | 3n),
      'F_ACCESS S2=1 CLASS=IN RnW=1 w3=0x12345000',
    ],
    ['F_PERMISSION', (m) => m.s2(VA, PAGE | 3n | ACCESSED), 'F_PERMISSION S2=1 CLASS=IN RnW=1 w3=0x12345000'],
    [
      'F_WALK_EABT',
      (m) => m.store(m.stage2.root, [OUTSIDE | TABLE]),
      'F_WALK_EABT S2=1 CLASS=IN RnW=1 w3=0x60000488',
    ],
  ];
  it.each(cases)('%s', (_, change, expected) => {
    expect(change(new Machine(S2Trans)).reads(VA + 0x123n)).toBe(expected);
  });

  it('is beyond the input size', () => {
    expect(new Machine(S2Trans).reads(1n << 40n)).toBe('F_TRANSLATION S2=1 CLASS=IN RnW=1 w3=0x10000000000');
  });

  it.each([
    ['a read of write-only memory', 0x483n, false, false],
    ['a write of read-only memory', 0x443n, true, false],
    ['an instruction fetch of memory never executed', 0x4c3n | (2n << 53n), false, true],
    ['an unprivileged fetch of memory for privileged code', 0x4c3n | (3n << 53n), false, true],
  ])('refuses %s', (_, attributes, write, instruction) => {
    const machine = new Machine(S2Trans).s2(VA, PAGE | attributes);
    const outcome = machine.translate({
      streamId: SID,
      substreamId: undefined,
      address: VA,
      write,
      instruction,
      privileged: false,
    });
    expect(describeOutcome(outcome)).toBe(`F_PERMISSION S2=1 CLASS=IN RnW=${Number(!write)} w3=0x12345000`);
  });
});

it('an event has the address and the attributes of the transaction', () => {
  const outcome = new Machine(S1Trans).cd({ TBI0: 1 }).translate({
    streamId: SID,
    substreamId: undefined,
    address: 0xab00_0000_0000_1044n,
    write: false,
    privileged: true,
    instruction: true,
  });
  expect(outcome).toEqual({
    kind: 'fault',
    response: 'abort',
    event: {
      name: 'F_TRANSLATION',
      streamId: SID,
      substreamId: undefined,
      stage2: false,
      class: 'IN',
      read: true,
      privileged: true,
      instruction: true,
      stall: false,
      inputAddress: 0xab00_0000_0000_1044n,
      ipa: 0n,
      fetchAddress: 0n,
    },
  });
});
