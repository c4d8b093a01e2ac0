import { describe, expect, it } from 'vitest';
import { composeRules, intended, type Rules } from '../../../model/rules.ts';
import { OVERRIDES } from '../../../overrides/index.ts';
import { pasids } from '../../../workload/scopes/pasids.ts';
import { type Line, outcome, play } from '../../support/script.ts';

const PASID = 8;

/** dev0 alone, dev1 and dev2 of one group; HWPTs `compat`, `other` and `s2`, the first of them made for PASIDs. */
const SETUP: readonly Line[] = [
  ['openIommufd', {}, 'io'],
  ...[0, 1, 2, 3].flatMap((n): Line[] => [
    ['openCdev', { device: `dev${n}` }, `cdev${n}`],
    ['vfioBind', { fd: `cdev${n}`, iommufd: 'io' }, `dev${n}`],
  ]),
  ['ioasAlloc', { fd: 'io' }, 'ioas'],
  ['hwptAlloc', { fd: 'io', devId: 'dev0', ptId: 'ioas', flags: PASID }, 'compat'],
  ['hwptAlloc', { fd: 'io', devId: 'dev0', ptId: 'ioas', flags: PASID }, 'compat2'],
  ['hwptAlloc', { fd: 'io', devId: 'dev2', ptId: 'ioas', flags: PASID }, 'incoherent'],
  ['hwptAlloc', { fd: 'io', devId: 'dev0', ptId: 'ioas' }, 'other'],
  ['hwptAlloc', { fd: 'io', devId: 'dev0', ptId: 'ioas', flags: 1 }, 's2'],
  ['viommuAlloc', { fd: 'io', type: 1, devId: 'dev0', hwptId: 's2' }, 'viommu'],
];

const attach = (device: number, pt: string, pasid: number, more = {}): Line => [
  'vfioAttach',
  { fd: `cdev${device}`, flags: 1, ptId: pt, pasid, ...more },
];
const rid = (device: number, pt: string, more = {}): Line => [
  'vfioAttach',
  { fd: `cdev${device}`, ptId: pt, ...more },
];
const detach = (device: number, pasid: number): Line => [
  'vfioDetach',
  { fd: `cdev${device}`, flags: 1, pasid },
];

function played(lines: readonly Line[], rules: Rules = intended) {
  return play(pasids.platform, [...SETUP, ...lines], rules);
}

const withOverride = (name: string): Rules =>
  composeRules(OVERRIDES.filter((override) => override.name === name));

const bypass = { fd: 'io', devId: 'dev0', ptId: 'viommu', dataType: 2, dataLen: 16, data: [9n, 0n] };

describe('an attach by PASID', () => {
  it.each<[string, readonly Line[], string]>([
    ['to an HWPT that was made for it succeeds', [attach(0, 'compat', 1)], 'ok'],
    ['needs the longer struct', [attach(0, 'compat', 1, { argsz: 12 })], 'EINVAL'],
    ['to nothing is refused', [attach(0, 'none', 1)], 'ENOENT'],
    ['to another HWPT is refused', [attach(0, 'other', 1)], 'EINVAL'],
    ['to stage 2 is refused: it cannot be made for PASIDs', [attach(0, 's2', 1)], 'EINVAL'],
    ['to an IOAS is refused: automatic HWPTs are not made for it', [attach(0, 'ioas', 1)], 'EINVAL'],
    ['of PASID 0 is refused', [attach(0, 'compat', 0)], 'EINVAL'],
    ['of the largest PASID of the device succeeds', [attach(0, 'compat', 3)], 'ok'],
    ['beyond what the device has is refused', [attach(0, 'compat', 4)], 'EINVAL'],
    ['beyond what any member of the group has is refused', [attach(1, 'incoherent', 2)], 'EINVAL'],
    ['beyond 31 bits is refused by VFIO itself', [attach(0, 'compat', 0x8000_0000)], 'ENOSPC'],
    ['of a device without PASIDs is taken, for no request ever has one', [attach(3, 'compat', 9)], 'ok'],
    ['again replaces', [attach(0, 'compat', 1), attach(0, 'compat2', 1)], 'ok'],
    ['beside an HWPT for it succeeds', [rid(0, 'compat2'), attach(0, 'compat', 1)], 'ok'],
    ['beside an HWPT not for it is refused', [rid(0, 'other'), attach(0, 'compat', 1)], 'EINVAL'],
    ['keeps requests without PASID off other HWPTs', [attach(0, 'compat', 1), rid(0, 'other')], 'EINVAL'],
    ['keeps them off stage 2 as well', [attach(0, 'compat', 1), rid(0, 's2')], 'EINVAL'],
    ['and off automatic HWPTs', [attach(0, 'compat', 1), rid(0, 'ioas')], 'EINVAL'],
    [
      'of the second member needs the same HWPT',
      [attach(1, 'incoherent', 1), attach(2, 'compat', 1)],
      'EINVAL',
    ],
    ['of the second member succeeds on it', [attach(1, 'incoherent', 1), attach(2, 'incoherent', 1)], 'ok'],
    ['that a later member refuses is refused', [attach(1, 'compat', 1)], 'EINVAL'],
    [
      'keeps the HWPT from being destroyed',
      [attach(0, 'compat', 1), ['destroy', { fd: 'io', id: 'compat' }]],
      'EBUSY',
    ],
    [
      'keeps it no longer than it lasts',
      [attach(0, 'compat', 1), detach(0, 1), ['destroy', { fd: 'io', id: 'compat' }]],
      'ok',
    ],
    [
      'is over when the file is closed',
      [attach(0, 'compat', 1), ['close', { fd: 'cdev0' }], ['destroy', { fd: 'io', id: 'compat' }]],
      'ok',
    ],
    ['that is not there can be detached', [detach(0, 1)], 'ok'],
    ['whose answer cannot be written fails', [attach(0, 'compat', 1, { unwritable: true })], 'EFAULT'],
    ['to a nested HWPT is refused', [['hwptAlloc', bypass, 'nested'], attach(0, 'nested', 1)], 'EINVAL'],
    ['cannot be prepared for a nested HWPT', [['hwptAlloc', { ...bypass, flags: PASID }]], 'EOPNOTSUPP'],
  ])('%s', (_what, lines, expected) => {
    expect(outcome(played(lines).last.result)).toBe(expected);
  });

  it('puts the entry into every member of the group that has PASIDs', () => {
    const { devices, groups } = played([attach(1, 'incoherent', 1)]).world;
    expect(devices.map(({ pasidTable }) => pasidTable.length)).toEqual([0, 1, 1, 0, 0, 0]);
    expect(groups.map((group) => group?.pasids.length)).toEqual([0, 1, 0, 0]);
  });

  it('that a later member refuses leaves every member as it was', () => {
    const lines = [attach(1, 'incoherent', 1)];
    const before = played(lines).world;
    const refused = played([...lines, attach(1, 'compat', 1)]);
    expect(outcome(refused.last.result)).toBe('EINVAL');
    expect(refused.world.devices).toEqual(before.devices);
  });

  it('takes one reference of the HWPT for each member that attached it', () => {
    const { world, bindings } = played([attach(1, 'incoherent', 1), attach(2, 'incoherent', 1)]);
    const slot = world.contexts[0]?.objects[bindings.incoherent ?? 0];
    expect(slot?.type === 'hwptPaging' && slot.users).toBe(3);
  });
});

describe('what the kernel does about an answer that it cannot write:', () => {
  const lines = [rid(0, 'compat'), attach(0, 'compat2', 1, { unwritable: true })];

  it('intended is that nothing has happened', () => {
    const { world } = played(lines);
    expect(world.groups[0]?.domain.kind).toBe('hwpt');
    expect(world.devices[0]?.pasids).toEqual([]);
  });

  it('Linux detaches what was attached without PASID, and the PASID stays', () => {
    const { world } = played(lines, withOverride('failed-answer-detaches-rid'));
    expect(world.groups[0]?.domain.kind).toBe('blocked');
    expect(world.devices[0]?.pasids).toEqual([1]);
  });
});

describe('PASID 0 on Linux', () => {
  const rules = withOverride('pasid-zero-is-rid');

  it.each<[string, readonly Line[], string]>([
    ['attaches requests without PASID', [attach(0, 'other', 0)], 'ok'],
    ['which cannot be attached as such then', [attach(0, 'other', 0), rid(0, 'other')], 'EBUSY'],
    ['and cannot be attached where they are', [rid(0, 'other'), attach(0, 'other', 0)], 'EBUSY'],
    ['again replaces', [attach(0, 'other', 0), attach(0, 's2', 0)], 'ok'],
  ])('%s', (_what, lines, expected) => {
    expect(outcome(played(lines, rules).last.result)).toBe(expected);
  });

  it('is not detached by a detach without PASID, but by one of PASID 0', () => {
    const kept = played([attach(0, 'other', 0), ['vfioDetach', { fd: 'cdev0' }]], rules);
    expect(kept.world.groups[0]?.domain.kind).toBe('hwpt');
    const gone = played([attach(0, 'other', 0), detach(0, 0)], rules);
    expect(gone.world.groups[0]?.domain.kind).toBe('blocked');
  });
});

describe('GET_HW_INFO', () => {
  it('tells how many PASIDs a device has', () => {
    const widths = [0, 2, 3].map(
      (n) => played([['getHwInfo', { fd: 'io', devId: `dev${n}` }]]).last.result.out.outMaxPasidLog2,
    );
    expect(widths).toEqual([2, 1, 0]);
  });
});
