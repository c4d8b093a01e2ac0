import { describe, expect, it } from 'vitest';
import { SteConfig } from '../../../../spec/smmuv3/ste.ts';
import { Machine, S2_PAGE, SID } from '../machine.ts';

const VA = 0x1234_5000n;
const PAGE = 0x4100_0000n;
const ACCESSED_PAGE = 0x403n;
const AP = { privilegedRw: 0b00n, rw: 0b01n, privilegedRo: 0b10n, ro: 0b11n } as const;
const UXN = 1n << 54n;
const PXN = 1n << 53n;
const APTABLE_NO_UNPRIVILEGED = 1n << 61n;
const APTABLE_READ_ONLY = 1n << 62n;
const UXNTABLE = 1n << 60n;
const PXNTABLE = 1n << 59n;

const KINDS = [
  ['r', { write: false, privileged: false, instruction: false }],
  ['w', { write: true, privileged: false, instruction: false }],
  ['x', { write: false, privileged: false, instruction: true }],
  ['R', { write: false, privileged: true, instruction: false }],
  ['W', { write: true, privileged: true, instruction: false }],
  ['X', { write: false, privileged: true, instruction: true }],
] as const;

/** What is permitted, in lower case to unprivileged and in upper case to privileged accesses. */
function permitted(machine: Machine): string {
  return KINDS.filter(([, kind]) => {
    const outcome = machine.translate({ streamId: SID, substreamId: undefined, address: VA, ...kind });
    return outcome.kind === 'translated';
  })
    .map(([letter]) => letter)
    .join('');
}

function stream(attributes: bigint, hierarchy = 0n): Machine {
  const machine = new Machine(SteConfig.S1Trans).s1(VA, PAGE | ACCESSED_PAGE | attributes);
  const first = machine.memory.get(machine.stage1.root) ?? 0n;
  return machine.store(machine.stage1.root, [first | hierarchy]);
}

describe('a stage-1 leaf', () => {
  it.each([
    ['for privileged accesses', AP.privilegedRw << 6n, 'xRWX'],
    ['for every access, which privileged code never executes', AP.rw << 6n, 'rwxRW'],
    ['for privileged reads', AP.privilegedRo << 6n, 'xRX'],
    ['for reads', AP.ro << 6n, 'rxRX'],
    ['never executed unprivileged', (AP.ro << 6n) | UXN, 'rRX'],
    ['never executed privileged', (AP.ro << 6n) | PXN, 'rxR'],
  ])('%s', (_, attributes, expected) => {
    expect(permitted(stream(attributes))).toBe(expected);
  });

  it('is not executed where it can be written, with WXN', () => {
    expect(permitted(stream(AP.rw << 6n).cd({ WXN: 1 }))).toBe('rwRW');
    expect(permitted(stream(AP.privilegedRw << 6n).cd({ WXN: 1 }))).toBe('xRW');
  });

  it('is closed to privileged data accesses where unprivileged ones may read it, with PAN', () => {
    expect(permitted(stream(AP.rw << 6n).cd({ PAN: 1 }))).toBe('rwx');
    expect(permitted(stream(AP.ro << 6n).cd({ PAN: 1 }))).toBe('rxX');
  });

  it('takes writes that mark it dirty, with HD', () => {
    const DBM = 1n << 51n;
    const updating = stream((AP.ro << 6n) | DBM).implementing({ IDR0: { HTTU: 2 } });
    expect(permitted(updating.cd({ HA: 1 }))).toBe('rxRX');
    expect(permitted(updating.cd({ HA: 1, HD: 1 }))).toBe('rwxRW');
  });

  it('takes no writes with HD where there is no HA', () => {
    const DBM = 1n << 51n;
    const updating = stream((AP.ro << 6n) | DBM).implementing({ IDR0: { HTTU: 2 } });
    expect(permitted(updating.cd({ HD: 1 }))).toBe('rxRX');
  });

  it('of EL2 has one privilege level and one XN bit', () => {
    const el2 = (attributes: bigint) =>
      stream(attributes)
        .implementing({ IDR0: { HYP: 1 } })
        .with({ STRW: 2 });
    expect(permitted(el2(AP.privilegedRw << 6n))).toBe('rwxRWX');
    expect(permitted(el2((AP.privilegedRo << 6n) | UXN))).toBe('rR');
  });
});

describe('a table above a leaf', () => {
  it.each([
    ['forbids unprivileged accesses', APTABLE_NO_UNPRIVILEGED, 'xRWX'],
    ['forbids writes', APTABLE_READ_ONLY, 'rxRX'],
    ['forbids both', APTABLE_NO_UNPRIVILEGED | APTABLE_READ_ONLY, 'xRX'],
    ['forbids unprivileged execution', UXNTABLE, 'rwRW'],
    ['forbids privileged execution', PXNTABLE, 'rwxRW'],
  ])('%s', (_, hierarchy, expected) => {
    expect(permitted(stream(AP.rw << 6n, hierarchy))).toBe(expected);
  });

  it('forbids nothing with HAD0, where the SMMU knows it', () => {
    const disabled = stream(AP.rw << 6n, APTABLE_READ_ONLY).cd({ HAD0: 1 });
    expect(permitted(disabled)).toBe('rwxRW');
    expect(permitted(disabled.implementing({ IDR3: { HAD: 0 } }))).toBe('rxRX');
  });
});

describe('a stage-2 leaf', () => {
  const XN = { neither: 0b00n, privileged: 0b01n, both: 0b10n, unprivileged: 0b11n } as const;

  it.each([
    ['executed by all', XN.neither, 1, 'rwxRWX'],
    ['never executed privileged', XN.privileged, 1, 'rwxRW'],
    ['never executed', XN.both, 1, 'rwRW'],
    ['never executed unprivileged', XN.unprivileged, 1, 'rwRWX'],
    ['never executed, by the one bit that counts without XNX', XN.unprivileged, 0, 'rwRW'],
    ['executed by all, where the other bit does not count', XN.privileged, 0, 'rwxRWX'],
  ])('%s', (_, xn, XNX, expected) => {
    const machine = new Machine(SteConfig.S2Trans).s2(VA, PAGE | S2_PAGE | (xn << 53n));
    expect(permitted(machine.implementing({ IDR3: { XNX } }))).toBe(expected);
  });
});

describe('a stage-2 leaf that only dirty state makes read-only', () => {
  const READ_ONLY = S2_PAGE & ~(1n << 7n);
  const DBM = 1n << 51n;

  it.each([
    ['takes no writes without S2HD', { S2HA: 1 }, 2, 'rxRX'],
    ['takes writes with S2HA and S2HD', { S2HA: 1, S2HD: 1 }, 2, 'rwxRWX'],
    ['takes none with S2HD alone', { S2HD: 1 }, 2, 'rxRX'],
  ])('%s', (_, fields, HTTU, expected) => {
    const machine = new Machine(SteConfig.S2Trans).s2(VA, PAGE | READ_ONLY | DBM);
    expect(permitted(machine.implementing({ IDR0: { HTTU } }).with(fields))).toBe(expected);
  });
});

describe('a stage-2 leaf whose access flag is not set', () => {
  const ACCESSED = 1n << 10n;

  it.each([
    ['faults', {}, 0, ''],
    ['faults where hardware could set it and S2HA is 0', {}, 1, ''],
    ['is used where S2HA lets hardware set it', { S2HA: 1 }, 1, 'rwxRWX'],
    ['is used where S2AFFD says so', { S2AFFD: 1 }, 0, 'rwxRWX'],
  ])('%s', (_, fields, HTTU, expected) => {
    const machine = new Machine(SteConfig.S2Trans).s2(VA, PAGE | (S2_PAGE & ~ACCESSED));
    expect(permitted(machine.implementing({ IDR0: { HTTU } }).with(fields))).toBe(expected);
  });
});

describe('an STE', () => {
  const overriding = (privcfg: number, instcfg: number) =>
    stream((AP.privilegedRo << 6n) | UXN)
      .implementing({ IDR1: { ATTR_PERMS_OVR: 1 } })
      .with({ PRIVCFG: privcfg, INSTCFG: instcfg });

  it.each([
    ['leaves the attributes alone', 0b00, 0b00, 'RX'],
    ['makes every access privileged', 0b11, 0b00, 'rxRX'],
    ['makes every access unprivileged', 0b10, 0b00, ''],
    ['makes every read a data access', 0b11, 0b10, 'rxRX'],
    ['makes every read an instruction fetch', 0b10, 0b11, ''],
  ])('that %s', (_, privcfg, instcfg, expected) => {
    expect(permitted(overriding(privcfg, instcfg))).toBe(expected);
  });

  it('cannot override anything without ATTR_PERMS_OVR', () => {
    expect(permitted(stream(AP.privilegedRo << 6n).with({ PRIVCFG: 0b11 }))).toBe('xRX');
  });
});
