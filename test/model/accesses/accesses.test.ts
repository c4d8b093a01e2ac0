import { describe, expect, it } from 'vitest';
import type { World } from '../../../model/world/world.ts';
import { accesses } from '../../../workload/scopes/accesses.ts';
import { type Line, outcome, play } from '../../support/script.ts';

const VA = 0xffff_f6ff_9000n;
const PAGE = 0x1000n;
const FIXED_RW = 7;
const FIXED_R = 5;

/** Two IOASes, four writeable pages and a read-only one in the first, and the mediated device bound. */
const SETUP: readonly Line[] = [
  ['openIommufd', {}, 'io'],
  ['ioasAlloc', { fd: 'io' }, 'ioas'],
  ['ioasAlloc', { fd: 'io' }, 'other'],
  ['ioasMap', { fd: 'io', ioasId: 'ioas', flags: FIXED_RW, userVa: VA, length: 4n * PAGE, iova: 0x1_0000n }],
  ['ioasMap', { fd: 'io', ioasId: 'ioas', flags: FIXED_R, userVa: VA, length: PAGE, iova: 0x1_4000n }],
  ['openCdev', { device: 'mdev0' }, 'mfd'],
  ['vfioBind', { fd: 'mfd', iommufd: 'io' }, 'access'],
];

const attach = (pt: string, more = {}): Line => ['vfioAttach', { fd: 'mfd', ptId: pt, ...more }];
const pin = (iova: bigint, pages: bigint, write = false): Line => [
  'mdevPin',
  { iova, length: pages * PAGE, write },
];
const unmap = (iova: bigint, length: bigint): Line => [
  'ioasUnmap',
  { fd: 'io', ioasId: 'ioas', iova, length },
];
const DOMAIN: readonly Line[] = [
  ['openCdev', { device: 'dev0' }, 'cdev'],
  ['vfioBind', { fd: 'cdev', iommufd: 'io' }, 'dev'],
  ['vfioAttach', { fd: 'cdev', ptId: 'ioas' }, 'hwpt'],
];

const played = (lines: readonly Line[]) => play(accesses.platform, [...SETUP, ...lines]);

/** How often each page is pinned, from the first on. */
function pinned({ pins }: World): readonly number[] {
  const counts: number[] = [];
  for (const { va, count } of pins?.pages ?? []) counts[Number((va - VA) / PAGE)] = count;
  return Array.from(counts, (count) => count ?? 0);
}

describe('a mediated device', () => {
  it.each<[string, readonly Line[], string]>([
    ['is attached to an IOAS', [attach('ioas')], 'ok'],
    ['is attached to nothing else', [...DOMAIN, attach('hwpt')], 'ENOENT'],
    ['has no PASIDs', [attach('ioas', { flags: 1, argsz: 16 })], 'EOPNOTSUPP'],
    ['is moved by another attach', [attach('ioas'), attach('other')], 'ok'],
    ['is bound once', [['vfioBind', { fd: 'mfd', iommufd: 'io' }]], 'EINVAL'],
    [
      'is bound by one file',
      [
        ['openCdev', { device: 'mdev0' }, 'second'],
        ['vfioBind', { fd: 'second', iommufd: 'io' }],
      ],
      'EINVAL',
    ],
    ['keeps its access', [['destroy', { fd: 'io', id: 'access' }]], 'EBUSY'],
    ['keeps its IOAS', [attach('other'), ['destroy', { fd: 'io', id: 'other' }]], 'EBUSY'],
    [
      'is no device that an HWPT can be made for',
      [['hwptAlloc', { fd: 'io', devId: 'access', ptId: 'ioas' }]],
      'ENOENT',
    ],
    [
      'gives its IOAS back',
      [attach('other'), ['close', { fd: 'mfd' }], ['destroy', { fd: 'io', id: 'other' }]],
      'ok',
    ],
  ])('%s', (_, lines, errno) => {
    expect(outcome(played(lines).last.result)).toBe(errno);
  });

  it('makes areas begin and end at pages', () => {
    const odd: Line = [
      'ioasMap',
      { fd: 'io', ioasId: 'other', flags: FIXED_RW, userVa: VA, length: 0x800n, iova: 0n },
    ];
    expect(outcome(played([odd, attach('other')]).last.result)).toBe('EADDRINUSE');
    expect(outcome(played([attach('other'), odd]).last.result)).toBe('EINVAL');
    expect(outcome(played([attach('other'), ['vfioDetach', { fd: 'mfd' }], odd]).last.result)).toBe('ok');
  });
});

describe('its driver (rule R-17)', () => {
  it.each<[string, readonly Line[], string]>([
    ['pins pages', [attach('ioas'), pin(0x1_0000n, 4n)], 'ok'],
    ['pins over the end of an area into the next', [attach('ioas'), pin(0x1_3000n, 2n)], 'ok'],
    ['pins nothing where nothing is mapped', [attach('ioas'), pin(0x1_4000n, 2n)], 'ENOENT'],
    ['pins nothing while it is on no IOAS', [pin(0x1_0000n, 1n)], 'ENOENT'],
    [
      'pins no pages for writing that were given for reading',
      [attach('ioas'), pin(0x1_4000n, 1n, true)],
      'EPERM',
    ],
    ['pins whole pages', [attach('ioas'), ['mdevPin', { iova: 0x1_0800n, length: PAGE }]], 'EINVAL'],
    [
      'pins no more than there is',
      [attach('ioas'), ['mdevPin', { iova: 2n ** 64n - PAGE, length: 2n * PAGE }]],
      'EOVERFLOW',
    ],
    [
      'unpins at once what it pinned at once',
      [attach('ioas'), pin(0x1_0000n, 2n), ['mdevUnpin', { iova: 0x1_0000n, length: PAGE }]],
      'EINVAL',
    ],
    ['reads any bytes', [attach('ioas'), ['mdevRw', { iova: 0x1_0ffen, length: 4n }]], 'ok'],
    [
      'writes where it may',
      [attach('ioas'), ['mdevRw', { iova: 0x1_4000n, length: 4n, write: true }]],
      'EPERM',
    ],
  ])('%s', (_, lines, errno) => {
    expect(outcome(played(lines).last.result)).toBe(errno);
  });

  it('is told that there is no IOAS while another thread moves its access, and is on the new one then', () => {
    const moving: readonly Line[] = [
      attach('ioas'),
      pin(0x1_0000n, 1n),
      ['mdevAttachBegins', { fd: 'mfd', ptId: 'other' }],
    ];
    const read: Line = ['mdevRw', { iova: 0x1_0000n, length: 4n }];
    expect(outcome(played([...moving, read]).last.result)).toBe('ENOENT');
    expect(outcome(played([...moving, attach('other')]).last.result)).toBe('EBUSY');
    const { world } = played([...moving, ['callEnds']]);
    expect(pinned(world)).toEqual([]);
    expect(world.contexts[0]?.objects.find((slot) => slot?.type === 'access')).toMatchObject({
      ioas: 2,
      pins: [],
    });
  });
});

describe('pages are pinned', () => {
  it.each<[string, readonly Line[], readonly number[]]>([
    ['by drivers, one by one', [attach('ioas'), pin(0x1_1000n, 2n)], [0, 1, 1]],
    [
      'once for an area, however many pin them',
      [attach('ioas'), pin(0x1_0000n, 2n), pin(0x1_1000n, 1n)],
      [1, 1],
    ],
    ['by a domain, all of each area', DOMAIN, [2, 1, 1, 1]],
    ['once, for a domain and a driver', [attach('ioas'), pin(0x1_1000n, 1n), ...DOMAIN], [2, 1, 1, 1]],
    [
      'for a driver still when the domain has gone',
      [attach('ioas'), pin(0x1_1000n, 1n), ...DOMAIN, ['vfioDetach', { fd: 'cdev' }]],
      [0, 1],
    ],
    [
      'no longer once they are unmapped',
      [attach('ioas'), pin(0x1_0000n, 4n), unmap(0x1_0000n, 4n * PAGE)],
      [],
    ],
    [
      'still where an unmap took others',
      [attach('ioas'), pin(0x1_1000n, 1n), pin(0x1_4000n, 1n), unmap(0x1_4000n, PAGE)],
      [0, 1],
    ],
    ['no longer once the driver is gone', [attach('ioas'), pin(0x1_0000n, 4n), ['close', { fd: 'mfd' }]], []],
  ])('%s', (_, lines, counts) => {
    expect(pinned(played(lines).world)).toEqual(counts);
  });
});

describe('a dma-buf (rule R-18)', () => {
  const EXPORT: readonly Line[] = [...DOMAIN, ['exportBar', { fd: 'cdev' }, 'bar']];
  const mapFile = (length: bigint, iova = 0x4_0000n): Line => [
    'ioasMapFile',
    { fd: 'io', ioasId: 'ioas', flags: FIXED_RW, fileFd: 'bar', length, iova },
  ];
  const reset: Line = ['vfioReset', { fd: 'cdev' }];

  it.each<[string, readonly Line[], string]>([
    ['is mapped', [...EXPORT, mapFile(2n * PAGE)], 'ok'],
    ['is mapped as far as it goes', [...EXPORT, mapFile(0x20_0000n)], 'EINVAL'],
    ['is not mapped beyond the last address', [...EXPORT, mapFile(PAGE, 2n ** 64n - 1n)], 'EOVERFLOW'],
    ['is not mapped as far as beyond it', [...EXPORT, mapFile(2n ** 64n - 1n)], 'EOVERFLOW'],
    ['is not mapped once it was taken back', [...EXPORT, reset, mapFile(PAGE)], 'ENODEV'],
    [
      'has no pages that a driver could pin',
      [...EXPORT, mapFile(PAGE), attach('ioas'), pin(0x4_0000n, 1n)],
      'EINVAL',
    ],
    [
      'is not cut in two',
      [
        ['option', { fd: 'io', optionId: 1, op: 0, objectId: 'other', val64: 0n }],
        ['vfioIoas', { fd: 'io', ioasId: 'other', op: 1 }],
        ...EXPORT,
        [
          'ioasMapFile',
          { fd: 'io', ioasId: 'other', flags: FIXED_RW, fileFd: 'bar', length: 2n * PAGE, iova: 0n },
        ],
        ['vfioUnmapDma', { fd: 'io', argsz: 24, iova: 0n, length: PAGE }],
      ],
      'EOPNOTSUPP',
    ],
  ])('%s', (_, lines, errno) => {
    expect(outcome(played(lines).last.result)).toBe(errno);
  });

  it('leaves every domain when it is taken back, and comes to none after that', () => {
    const mapped = (lines: readonly Line[]) =>
      played([...EXPORT, mapFile(PAGE), ...lines]).world.pins?.mapped.length;
    const again: readonly Line[] = [
      ['vfioDetach', { fd: 'cdev' }],
      ['vfioAttach', { fd: 'cdev', ptId: 'ioas' }],
    ];
    expect(mapped([])).toBe(1);
    expect(mapped(again)).toBe(1);
    expect(mapped([reset])).toBe(0);
    expect(mapped([reset, ...again])).toBe(0);
  });

  it('is forgotten with its last file and its last area', () => {
    const kept = (lines: readonly Line[]) =>
      played([...EXPORT, mapFile(PAGE), ...lines]).world.pins?.dmabufs.length;
    expect(kept([['close', { fd: 'bar' }]])).toBe(1);
    expect(kept([['close', { fd: 'bar' }], unmap(0x4_0000n, PAGE)])).toBe(0);
  });
});
