import { describe, expect, it } from 'vitest';
import { dirtyLog } from '../../../workload/scopes/dirty-log.ts';
import { type Line, outcome, play } from '../../support/script.ts';

const PAGE = 0x1000n;
const VA = 0xffff_f6ff_9000n;
const NEST_PARENT = 1;
const DIRTY = 2;
const NO_CLEAR = 1;

/** Four pages at 0x10000, and the device on a domain that can track writes. */
const SETUP: readonly Line[] = [
  ['openIommufd', {}, 'io'],
  ['openCdev', { device: 'dev0' }, 'cdev'],
  ['vfioBind', { fd: 'cdev', iommufd: 'io' }, 'dev'],
  ['ioasAlloc', { fd: 'io' }, 'ioas'],
  ['ioasMap', { fd: 'io', ioasId: 'ioas', flags: 7, userVa: VA, length: 4n * PAGE, iova: 0x1_0000n }],
  ['hwptAlloc', { fd: 'io', devId: 'dev', ptId: 'ioas', flags: NEST_PARENT | DIRTY }, 'hwpt'],
  ['hwptAlloc', { fd: 'io', devId: 'dev', ptId: 'ioas' }, 'plain'],
  ['vfioAttach', { fd: 'cdev', ptId: 'hwpt' }],
];

const track = (on: boolean, hwptId = 'hwpt'): Line => [
  'hwptSetDirtyTracking',
  { fd: 'io', hwptId, flags: on ? 1 : 0 },
];
const write = (iova: bigint): Line => ['dma', { iova, write: true }];
const ask = (more = {}): Line => [
  'hwptGetDirtyBitmap',
  { fd: 'io', hwptId: 'hwpt', iova: 0x1_0000n, length: 4n * PAGE, pageSize: PAGE, ...more },
];

const played = (lines: readonly Line[]) => play(dirtyLog.platform, [...SETUP, ...lines]).last.result;
const bits = (lines: readonly Line[]): unknown => {
  const result = played(lines);
  return result.ok ? result.out.data : result.errno;
};

describe('the bitmap of a domain that tracks writes', () => {
  it.each<[string, readonly Line[], readonly bigint[]]>([
    ['is empty at first', [track(true), ask()], []],
    ['has the pages that were written', [track(true), write(0x1_1008n), write(0x1_3000n), ask()], [0b1010n]],
    ['has none that were only read', [track(true), ['dma', { iova: 0x1_1000n }], ask()], []],
    ['has none that were written before', [write(0x1_0000n), track(true), ask()], []],
    ['is cleared as it is read', [track(true), write(0x1_0000n), ask(), ask()], []],
    ['is left as it is on request', [track(true), write(0x1_0000n), ask({ flags: NO_CLEAR }), ask()], [1n]],
    ['has larger pages on request', [track(true), write(0x1_3000n), ask({ pageSize: 2n * PAGE })], [0b10n]],
    ['forgets what was written when it begins anew', [track(true), write(0x1_0000n), track(true), ask()], []],
  ])('%s', (_, lines, words) => {
    expect(bits(lines)).toEqual(words);
  });

  it.each<[string, Readonly<Record<string, number>>]>([
    ['without a PASID', {}],
    ['at a PASID', { flags: 1, pasid: 1 }],
  ])('is not kept by a unit whose walks do not snoop: an attach %s is refused', (_, args) => {
    const lines: readonly Line[] = [
      ['openCdev', { device: 'dev1' }, 'other'],
      ['vfioBind', { fd: 'other', iommufd: 'io' }, 'second'],
      [
        'hwptAlloc',
        {
          fd: 'io',
          devId: 'dev',
          ptId: 'hwpt',
          flags: 8,
          dataType: 1,
          dataLen: 24,
          data: [0n, 0x4_2000n, 0x30n],
        },
        'nested',
      ],
      ['vfioAttach', { fd: 'other', ptId: 'nested', ...args }],
    ];
    expect(played(lines)).toMatchObject({ ok: false, errno: 'EINVAL' });
  });

  it('loses what is unmapped', () => {
    const unmap: Line = ['ioasUnmap', { fd: 'io', ioasId: 'ioas', iova: 0x1_0000n, length: 4n * PAGE }];
    const [, , , , map] = SETUP as readonly [Line, Line, Line, Line, Line];
    expect(bits([track(true), write(0x1_0000n), unmap, map, ask()])).toEqual([]);
  });

  it.each<[string, readonly Line[], string]>([
    ['is asked for while nothing is tracked', [ask()], 'EINVAL'],
    ['is of a domain that cannot track', [ask({ hwptId: 'plain' })], 'EOPNOTSUPP'],
    ['is to go where nothing can be written', [track(true), ask({ bitmapUptr: 'unmapped' })], 'EFAULT'],
    ['is of more than is mapped', [track(true), ask({ length: 5n * PAGE })], 'EINVAL'],
    ['would be tracked by a domain that cannot', [track(true, 'plain')], 'EOPNOTSUPP'],
  ])('is refused where it %s', (_, lines, errno) => {
    expect(outcome(played(lines))).toBe(errno);
  });
});
