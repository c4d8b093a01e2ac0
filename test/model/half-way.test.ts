import { describe, expect, it } from 'vitest';
import { intended } from '../../model/rules.ts';
import type { World } from '../../model/world/world.ts';
import { noDanglingReference } from '../../properties/iommufd/no-dangling-reference.ts';
import { encodeEvent } from '../../spec/smmuv3/event.ts';
import { grouped } from '../../workload/scopes/grouped.ts';
import { oneSmmu } from '../../workload/scopes/one-smmu.ts';
import { type Line, NESTED, nestedArgs, outcome, play } from '../support/script.ts';

const VA = 0xffff_f6ff_9000n;
const MAP = { fd: 'io', ioasId: 'ioas', flags: 7, userVa: VA };
const SET = { fd: 'io', ioasId: 'ioas', op: 1 };

/** Two areas, of one page and of two, and the IOAS for container calls. */
const TWO_AREAS: readonly Line[] = [
  ['openIommufd', {}, 'io'],
  ['ioasAlloc', { fd: 'io' }, 'ioas'],
  ['ioasMap', { ...MAP, iova: 0x4000n, length: 0x1000n }],
  ['ioasMap', { ...MAP, iova: 0x8000n, length: 0x2000n }],
  ['vfioIoas', SET],
];

describe('VFIO_IOMMU_UNMAP_DMA', () => {
  it.each([
    ['takes what lies whole in the range', { iova: 0x4000n, length: 0x8000n }, 'ok', 0x3000n],
    ['takes nothing where nothing is', { iova: 0x2_0000n, length: 0x1000n }, 'ok', 0n],
    ['takes everything', { flags: 2 }, 'ok', 0x3000n],
    ['tells what it took before it failed', { iova: 0x4000n, length: 0x5000n }, 'ENOENT', 0x1000n],
    ['wants a length', { iova: 0x4000n }, 'EINVAL', 0n],
    ['does not leave the address space', { iova: 0xffff_ffff_ffff_f000n, length: 0x2000n }, 'EOVERFLOW', 0n],
  ])('%s', (_what, args, answer, length) => {
    const { last } = play(oneSmmu.platform, [...TWO_AREAS, ['vfioUnmapDma', { fd: 'io', ...args }]]);
    expect(outcome(last.result)).toBe(answer);
    expect(last.result.out.length).toBe(length);
  });

  it('cuts an area in two where huge pages are off', () => {
    const cut: readonly Line[] = [
      ...TWO_AREAS,
      ['option', { fd: 'io', optionId: 1, objectId: 'ioas', val64: 0n }],
      ['vfioUnmapDma', { fd: 'io', iova: 0x4000n, length: 0x5000n }],
    ];
    const { last } = play(oneSmmu.platform, cut);
    expect(last.result.out.length).toBe(0x2000n);
  });

  it('is ENODEV without an IOAS for it, and a bad flag is EINVAL before that', () => {
    const open = TWO_AREAS.slice(0, 4);
    const one = play(oneSmmu.platform, [...open, ['vfioUnmapDma', { fd: 'io', length: 1n }]]);
    expect(outcome(one.last.result)).toBe('ENODEV');
    const two = play(oneSmmu.platform, [...open, ['vfioUnmapDma', { fd: 'io', flags: 1 }]]);
    expect(outcome(two.last.result)).toBe('EINVAL');
  });
});

/** A MAP_FILE of another thread, which has taken its range and has no pages yet. */
const MAP_UNDER_WAY: readonly Line[] = [
  ['openIommufd', {}, 'io'],
  ['ioasAlloc', { fd: 'io' }, 'ioas'],
  ['openFile', { of: 'memory', size: 0x4000n }, 'file'],
  ['mapFileBegins', { fd: 'io', ioasId: 'ioas', fileFd: 'file', iova: 0x4000n, length: 0x2000n }],
];

describe('a MAP_FILE under way', () => {
  const answer = (...line: Line): string =>
    outcome(play(oneSmmu.platform, [...MAP_UNDER_WAY, line]).last.result);

  it.each<[string, Line]>([
    ['EBUSY', ['ioasChangeProcess', { fd: 'io' }]],
    ['EBUSY', ['ioasUnmap', { fd: 'io', ioasId: 'ioas', iova: 0x4000n, length: 0x2000n }]],
    // Before it is seen that the area is only partly inside.
    ['EBUSY', ['ioasUnmap', { fd: 'io', ioasId: 'ioas', iova: 0x4000n, length: 0x1000n }]],
    ['EBUSY', ['ioasUnmap', { fd: 'io', ioasId: 'ioas', iova: 0n, length: 0xffff_ffff_ffff_ffffn }]],
    [
      'ENOENT',
      [
        'ioasCopy',
        {
          fd: 'io',
          dstIoasId: 'ioas',
          srcIoasId: 'ioas',
          flags: 7,
          srcIova: 0x4000n,
          dstIova: 0x1_0000n,
          length: 0x1000n,
        },
      ],
    ],
    ['EEXIST', ['ioasMap', { ...MAP, iova: 0x5000n, length: 0x1000n }]],
    ['EBUSY', ['destroy', { fd: 'io', id: 'ioas' }]],
    ['ok', ['callEnds', {}]],
  ])('answers %s to the next call', (expected, line) => {
    expect(answer(...line)).toBe(expected);
  });

  it('is mapped as the call ends', () => {
    const after: readonly Line[] = [...MAP_UNDER_WAY, ['callEnds', {}]];
    const { last } = play(oneSmmu.platform, [...after, ['ioasChangeProcess', { fd: 'io' }]]);
    expect(outcome(last.result)).toBe('ok');
  });

  it('is refused as the call ends where the file is too short for a domain that came meanwhile', () => {
    const long: Line = ['mapFileBegins', { ...(MAP_UNDER_WAY[3] as Line)[1], length: 0x8000n }];
    const { last, world } = play(oneSmmu.platform, [
      ...MAP_UNDER_WAY.slice(0, 3),
      long,
      ['openCdev', { device: 'dev0' }, 'cdev'],
      ['vfioBind', { fd: 'cdev', iommufd: 'io' }, 'dev'],
      ['vfioAttach', { fd: 'cdev', ptId: 'ioas' }],
      ['callEnds', {}],
    ]);
    expect(outcome(last.result)).toBe('EINVAL');
    const ioas = world.contexts[0]?.objects.find((slot) => slot?.type === 'ioas');
    expect(ioas).toMatchObject({ iopt: { areas: [] } });
  });
});

/** A guest's device with a vEVENTQ of depth 1, in which one event waits and the loss of another is noted. */
const WAITING: readonly Line[] = [
  ...NESTED,
  ['vdeviceAlloc', { fd: 'io', viommuId: 'viommu', devId: 'dev', virtId: 0x110n }],
  ['veventqAlloc', { fd: 'io', viommuId: 'viommu', type: 1, veventqDepth: 1 }, 'queue'],
  ['hwptAlloc', nestedArgs([0xbn, 0n]), 'nested'],
  ['vfioAttach', { fd: 'cdev', ptId: 'nested' }],
  ['smmuEvent', { words: encodeEvent('C_BAD_STE') }],
  ['smmuEvent', { words: encodeEvent('C_BAD_CD') }],
];

describe('read() of a vEVENTQ', () => {
  it.each([
    ['without room for a header', { count: 7 }, 'EINVAL', undefined],
    ['without room for the first event', { count: 39 }, 'EINVAL', undefined],
    ['of the first event', { count: 40 }, 'ok', 40],
    ['of all', {}, 'ok', 48],
    ['into nothing', { writable: 0 }, 'EFAULT', undefined],
    ['into a buffer that ends in the record', { writable: 8 }, 'EFAULT', undefined],
    ['into a buffer that ends after the first event', { writable: 40 }, 'ok', 40],
    ['without memory for the lost-events header', { noMemory: true }, 'ok', 40],
  ])('%s', (_what, args, answer, count) => {
    const { last } = play(oneSmmu.platform, [...WAITING, ['read', { fd: 'queue.fd', ...args }]]);
    expect(outcome(last.result)).toBe(answer);
    expect(last.result.out.count).toBe(count);
  });

  it('tells of missing memory when nothing else is to be had, and keeps the header', () => {
    const first: Line = ['read', { fd: 'queue.fd', count: 40 }];
    const again = play(oneSmmu.platform, [...WAITING, first, ['read', { fd: 'queue.fd', noMemory: true }]]);
    expect(outcome(again.last.result)).toBe('ENOMEM');
    const then = play(oneSmmu.platform, [
      ...WAITING,
      first,
      ['read', { fd: 'queue.fd', noMemory: true }],
      ['read', { fd: 'queue.fd' }],
    ]);
    expect(then.last.result.out.count).toBe(8);
  });
});

describe('a call of another thread', () => {
  const begun: readonly Line[] = [
    ['openIommufd', {}, 'io'],
    ['ioasAlloc', { fd: 'io' }, 'ioas'],
    ['destroyBegins', { fd: 'io', id: 'ioas' }],
  ];

  it('does its work when it ends, on what is there then', () => {
    expect(outcome(play(oneSmmu.platform, [...begun, ['callEnds', {}]]).last.result)).toBe('ok');
    const late = play(oneSmmu.platform, [...begun, ['destroy', { fd: 'io', id: 'ioas' }], ['callEnds', {}]]);
    expect(outcome(late.last.result)).toBe('ENOENT');
  });

  it('keeps the file that it was made on', () => {
    const closed = play(oneSmmu.platform, [...begun, ['close', { fd: 'io' }]]);
    expect(closed.world.contexts).toHaveLength(1);
    const ended = play(oneSmmu.platform, [...begun, ['close', { fd: 'io' }], ['callEnds', {}]]);
    expect(ended.world.contexts).toEqual([]);
  });

  it('is refused where there is none', () => {
    expect(
      outcome(
        play(
          oneSmmu.platform,
          [
            ['openIommufd', {}, 'io'],
            ['callEnds', {}],
          ],
          intended,
        ).last.result,
      ),
    ).toBe('EINVAL');
  });
});

describe('an attach of another thread', () => {
  const bound = (device: string, cdev: string): readonly Line[] => [
    ['openCdev', { device }, cdev],
    ['vfioBind', { fd: cdev, iommufd: 'io' }, `dev-${cdev}`],
  ];
  /** Two devices of one group and one alone; the first of the group is on its way to the IOAS. */
  const UNDER_WAY: readonly Line[] = [
    ['openIommufd', {}, 'io'],
    ['ioasAlloc', { fd: 'io' }, 'ioas'],
    ['ioasAlloc', { fd: 'io' }, 'other'],
    ...bound('dev0', 'a'),
    ...bound('dev1', 'mate'),
    ...bound('dev3', 'b'),
    ['attachBegins', { fd: 'a', ptId: 'ioas' }],
  ];
  const hwptsOf = (world: World): number =>
    world.contexts[0]?.objects.filter((slot) => slot?.type === 'hwptPaging').length ?? 0;

  it('is seen of nobody until it is through, and then answers as one that nobody came between', () => {
    const { world } = play(grouped.platform, UNDER_WAY);
    expect(hwptsOf(world)).toBe(0);
    const { last, world: then } = play(grouped.platform, [
      ...UNDER_WAY,
      ['vfioAttach', { fd: 'b', ptId: 'ioas' }],
      ['callEnds', {}],
    ]);
    expect(last.result.out.ptId).toBe(
      play(grouped.platform, [...UNDER_WAY, ['callEnds', {}]]).last.result.out.ptId,
    );
    expect(hwptsOf(then)).toBe(1);
  });

  it('fails as it ends where its group is elsewhere by then, and leaves what others attached to', () => {
    const { last, world } = play(grouped.platform, [
      ...UNDER_WAY,
      ['vfioAttach', { fd: 'b', ptId: 'ioas' }],
      ['vfioAttach', { fd: 'mate', ptId: 'other' }],
      ['callEnds', {}],
    ]);
    expect(outcome(last.result)).toBe('EINVAL');
    expect(noDanglingReference.violated(world)).toBeNull();
  });

  it('frees an HWPT that others are on where they could find it too early', () => {
    const early = { ...intended, iommufd: { ...intended.iommufd, automaticFoundUnfinished: true } };
    const lines: readonly Line[] = [
      ...UNDER_WAY,
      ['vfioAttach', { fd: 'b', ptId: 'ioas' }],
      ['vfioAttach', { fd: 'mate', ptId: 'other' }],
      ['callEnds', {}],
    ];
    const { world } = play(grouped.platform, lines, early);
    expect(noDanglingReference.violated(world)).toBe('group 2 is on HWPT 6, which is gone');
  });

  it.each<[string, Line]>([
    ['EBADF', ['attachBegins', { fd: 99, ptId: 'ioas' }]],
    ['ENOTTY', ['attachBegins', { fd: 'io', ptId: 'ioas' }]],
    ['EINVAL', ['attachBegins', { fd: 'c', ptId: 'ioas' }]],
  ])('is %s where there is no bound device', (errno, line) => {
    const { last } = play(grouped.platform, [...UNDER_WAY, ['openCdev', { device: 'dev2' }, 'c'], line]);
    expect(outcome(last.result)).toBe(errno);
  });
});
