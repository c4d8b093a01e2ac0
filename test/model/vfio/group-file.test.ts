import { describe, expect, it } from 'vitest';
import { oneSmmu } from '../../../workload/scopes/one-smmu.ts';
import { type Line, outcome, play } from '../../support/script.ts';

const group = oneSmmu.platform.devices[0]?.group ?? 0;
const open = (as = 'group'): Line => ['openGroup', { group }, as];
const cdev: Line = ['openCdev', { device: 'dev0' }, 'cdev'];
const bind: Line = ['vfioBind', { fd: 'cdev', iommufd: 'io' }, 'dev'];
const answer = (lines: readonly Line[]): string =>
  outcome(play(oneSmmu.platform, [['openIommufd', {}, 'io'], ...lines]).last.result);

describe("a group's file", () => {
  it.each<[string, readonly Line[], string]>([
    ['is opened once', [open(), open('again')], 'EBUSY'],
    ['is opened beside an open device file', [cdev, open()], 'ok'],
    ['is not opened beside a bound one', [cdev, bind, open()], 'EBUSY'],
    ['is opened once that is closed', [cdev, bind, ['close', { fd: 'cdev' }], open()], 'ok'],
    ['keeps devices from being bound', [cdev, open(), bind], 'EBUSY'],
    [
      'keeps them so as long as a descriptor of it is left',
      [cdev, open(), ['dup', { fd: 'group' }], ['close', { fd: 'group' }], bind],
      'EBUSY',
    ],
    ['lets them be bound once it is closed', [cdev, open(), ['close', { fd: 'group' }], bind], 'ok'],
    [
      'comes after flags, and before the token and the iommufd',
      [cdev, open(), ['vfioBind', { fd: 'cdev', iommufd: 'group', flags: 2 }]],
      'EINVAL',
    ],
    ['comes before the iommufd', [cdev, open(), ['vfioBind', { fd: 'cdev', iommufd: 'group' }]], 'EBUSY'],
    ['is there for groups that are', [['openGroup', { group: 999 }]], 'ENOENT'],
    ['has ioctls of containers only', [open(), ['ioasAlloc', { fd: 'group' }]], 'ENOTTY'],
  ])('%s', (_, lines, expected) => {
    expect(answer(lines)).toBe(expected);
  });
});

describe('the sleep of a device', () => {
  const feature = (flags: number, argsz = 8): Line => ['deviceFeature', { fd: 'cdev', argsz, flags }];
  const ENTRY = 0x2_0003;
  const WAKEUP = 0x2_0004;
  const EXIT = 0x2_0005;
  const BOUND = [cdev, bind];

  it.each<[string, readonly Line[], string]>([
    ['begins once', [feature(ENTRY), feature(ENTRY)], 'EINVAL'],
    ['begins again once it has ended', [feature(ENTRY), feature(EXIT), feature(ENTRY)], 'ok'],
    ['may end twice', [feature(ENTRY), feature(EXIT), feature(EXIT)], 'ok'],
    ['ends with the binding', [feature(ENTRY), ['close', { fd: 'cdev' }], cdev, bind, feature(ENTRY)], 'ok'],
    ['begins with room for an eventfd', [feature(WAKEUP)], 'EINVAL'],
    ['begins so once', [feature(WAKEUP, 16), feature(WAKEUP, 16)], 'EINVAL'],
  ])('%s', (_, lines, expected) => {
    expect(answer([...BOUND, ...lines])).toBe(expected);
  });
});
