import { describe, expect, it } from 'vitest';
import type { Words } from '../../../model/world/command.ts';
import { oneSmmu } from '../../../workload/scopes/one-smmu.ts';
import { selftestsMock } from '../../../workload/scopes/selftests-mock.ts';
import { type Line, outcome, play } from '../../support/script.ts';

const VA = 0xffff_f6ff_9000n;
const PAGE = 0x1000n;
const HALF = 0x800n;
const IOVA = 0x100_0000n;
const FIXED_RW = 7;
const FIXED_R = 5;
const PINS = 1;
const SELFTEST = 0xdead_beef;
const DATA = { dataType: 0xdead, dataLen: 8, data: [7n] };

/** A mock device (object 2, device 3) on an automatic HWPT (4) of an IOAS (1). */
const SETUP: readonly Line[] = [
  ['openIommufd', {}, 'io'],
  ['ioasAlloc', { fd: 'io' }, 'ioas'],
  ['mockDomain', { fd: 'io', ptId: 'ioas' }, 'dev'],
];

const on = (command: Line[0], args: NonNullable<Line[1]> = {}, as?: string): Line =>
  as === undefined ? [command, { fd: 'io', ...args }] : [command, { fd: 'io', ...args }, as];
const map = (length = 2n * PAGE, more = {}): Line =>
  on('ioasMap', { ioasId: 'ioas', flags: FIXED_RW, userVa: VA, length, iova: IOVA, ...more });
const access = (flags = PINS): Line => on('mockCreateAccess', { ioasId: 'ioas', flags }, 'access');
const pin = (more = {}): Line => on('mockPin', { accessFd: 'access', iova: IOVA, length: PAGE, ...more });
const refs = (count: number, at = VA): Line => on('mockCheckRefs', { uptr: at, length: PAGE, refs: count });
const parent = on('hwptAlloc', { devId: 'dev', ptId: 'ioas', flags: 1 }, 'parent');
const viommu = on('viommuAlloc', { type: SELFTEST, devId: 'dev', hwptId: 'parent' }, 'viommu');
const nested = (ptId: string, more = {}): Line =>
  on('hwptAlloc', { devId: 'dev', ptId, ...DATA, ...more }, 'nested');
const vdevice = on('vdeviceAlloc', { viommuId: 'viommu', devId: 'dev', virtId: 0x99n }, 'vdevice');
const queue = (index: number, more = {}): Line =>
  on('hwQueueAlloc', {
    viommuId: 'viommu',
    type: SELFTEST,
    index,
    nestingParentIova: IOVA,
    length: PAGE,
    ...more,
  });

const played = (lines: readonly Line[]) => play(selftestsMock.platform, [...SETUP, ...lines]);
const answer = (lines: readonly Line[]): string => outcome(played(lines).last.result);

describe('a mock device', () => {
  it('takes an id before the device and its HWPT, and all go with it', () => {
    const { last } = played([]);
    expect(last.result.out).toEqual({ outStdevId: 2, outIdevId: 3, outHwptId: 4 });
    const { world } = played([on('destroy', { id: 2 })]);
    expect(world.contexts[0]?.objects.map((slot) => slot?.type)).toEqual([undefined, 'ioas']);
    expect(world.mock?.devices.every((device) => device === null)).toBe(true);
  });

  it('goes as its context is closed', () => {
    expect(played([['close', { fd: 'io' }]]).world.contexts).toEqual([]);
  });

  it.each<[string, readonly Line[], string]>([
    ['is bound and cannot be destroyed itself', [on('destroy', { id: 3 })], 'EBUSY'],
    ['is made with flags that are known', [on('mockDomainFlags', { ptId: 'ioas', devFlags: 2 })], 'EINVAL'],
    ['is attached to what there is', [on('mockDomain', { ptId: 99 })], 'ENOENT'],
    ['is replaced by its own object only', [on('mockReplace', { stdevId: 3, ptId: 'ioas' })], 'ENOENT'],
    [
      'cannot be replaced once it is detached',
      [on('mockPasidDetach', { stdevId: 2, pasid: 0 }), on('mockReplace', { stdevId: 2, ptId: 'ioas' })],
      'EINVAL',
    ],
    ['is no device of VFIO', [['openCdev', { device: 'dev0' }]], 'ENOENT'],
  ])('%s', (_, lines, expected) => {
    expect(answer(lines)).toBe(expected);
  });

  it('does not exist where the kernel has no selftests', () => {
    const { last } = play(oneSmmu.platform, SETUP);
    expect(outcome(last.result)).toBe('ENOTTY');
  });
});

describe('IOMMU_TEST_CMD', () => {
  it.each<[string, Line, string]>([
    ['needs its whole struct', on('mockMemoryLimit', { size: 67, limit: 4096 }), 'EINVAL'],
    ['may be longer where the rest is zero', on('mockMemoryLimit', { size: 80, limit: 4096 }), 'ok'],
    [
      'may not be longer otherwise',
      on('mockMemoryLimit', { size: 80, trailing: true, limit: 4096 }),
      'E2BIG',
    ],
    ['leaves pinning some memory', on('mockMemoryLimit', { limit: 11 }), 'EINVAL'],
    ['reserves something', on('mockReserve', { ioasId: 'ioas', start: 0n }), 'EINVAL'],
    [
      'reserves what is an address',
      on('mockReserve', { ioasId: 99, start: 2n ** 64n - 1n, length: 2n }),
      'EOVERFLOW',
    ],
  ])('%s', (_, line, expected) => {
    expect(answer([line])).toBe(expected);
  });
});

describe('an access', () => {
  it.each<[string, readonly Line[], string]>([
    ['is one of those that are known', [on('mockCreateAccess', { ioasId: 'ioas', flags: 2 })], 'EOPNOTSUPP'],
    ['is on an IOAS', [on('mockCreateAccess', { ioasId: 'dev', flags: PINS })], 'ENOENT'],
    ['needs whole pages if it pins', [map(HALF), access()], 'EADDRINUSE'],
    ['needs none if it does not', [map(HALF), access(0)], 'ok'],
    ['pins only if it was made to', [map(), access(0), pin()], 'EOPNOTSUPP'],
    ['is its file', [map(), access(), on('mockPin', { accessFd: 'io', length: PAGE })], 'EBADFD'],
    ['pins up to 16 MiB', [access(), pin({ length: 2n ** 24n + 1n })], 'ENOMEM'],
    ['pins what is mapped', [map(), access(), pin({ length: 3n * PAGE })], 'ENOENT'],
    ['may end within a page', [map(), access(), pin({ length: HALF })], 'ok'],
    ['begins with one', [map(), access(), pin({ iova: IOVA + HALF, length: HALF })], 'EINVAL'],
    ['writes what may be written', [map(PAGE, { flags: FIXED_R }), access(), pin({ flags: 1 })], 'EPERM'],
    ['looks for the caller’s pages', [map(), access(), pin({ uptr: VA + PAGE })], 'EBADE'],
    ['finds them', [map(), access(), pin({ uptr: VA })], 'ok'],
    ['unpins what it has pinned', [map(), access(), on('mockUnpin', { accessFd: 'access' })], 'ENOENT'],
    [
      'has nothing pinned any more once that is unmapped',
      [
        map(),
        access(),
        pin(),
        on('ioasUnmap', { ioasId: 'ioas', iova: IOVA, length: 2n * PAGE }),
        on('mockUnpin', { accessFd: 'access' }),
      ],
      'ENOENT',
    ],
    [
      'reads any bytes',
      [map(), access(0), on('mockRw', { accessFd: 'access', iova: IOVA + 5n, length: 7n, uptr: VA })],
      'ok',
    ],
    [
      'reads into memory that is there',
      [map(), access(0), on('mockRw', { accessFd: 'access', iova: IOVA, length: 7n, uptr: 8n })],
      'EFAULT',
    ],
  ])('%s', (_, lines, expected) => {
    expect(answer(lines)).toBe(expected);
  });

  it('holds its context', () => {
    const { world } = played([map(), access(), ['close', { fd: 'io' }]]);
    expect(world.contexts[0]?.refs).toBe(1);
    expect(
      played([map(), access(), ['close', { fd: 'io' }], ['close', { fd: 'access' }]]).world.contexts,
    ).toEqual([]);
  });
});

describe('pages', () => {
  const copy = on('ioasCopy', {
    dstIoasId: 'ioas',
    srcIoasId: 'ioas',
    flags: FIXED_RW,
    length: PAGE,
    dstIova: IOVA + 0x1_0000n,
    srcIova: IOVA,
  });

  it.each<[string, readonly Line[], number]>([
    ['are not pinned before they are mapped', [], 0],
    ['are pinned once for a domain', [map()], 1],
    ['are pinned once for a domain and an access', [map(), access(), pin(), pin()], 1],
    ['are pinned once more for each mapping of their own', [map(), map(PAGE, { iova: IOVA + 0x1_0000n })], 2],
    ['are not for a copy', [map(), copy], 1],
    ['are let go with the last domain', [map(), on('destroy', { id: 2 })], 0],
    ['are kept by an access', [map(), access(), pin(), on('destroy', { id: 2 })], 1],
  ])('%s', (_, lines, count) => {
    expect(answer([...lines, refs(count)])).toBe('ok');
    expect(answer([...lines, refs(count + 1)])).toBe('EIO');
  });

  it('are those of a file where that is mapped', () => {
    const file: readonly Line[] = [
      ['openFile', { of: 'memory', size: 0n }, 'file'],
      ['mockMmap', { fd: 'file', va: VA, length: 2n * PAGE }],
      on('ioasMapFile', {
        ioasId: 'ioas',
        flags: FIXED_RW,
        fileFd: 'file',
        start: PAGE,
        length: PAGE,
        iova: IOVA,
      }),
    ];
    const check = (uptr: bigint) => on('mockCheckMap', { hwptId: 4, iova: IOVA, length: PAGE, uptr });
    expect(answer([...file, check(VA + PAGE)])).toBe('ok');
    expect(answer([...file, check(VA)])).toBe('EINVAL');
    expect(answer([...file, refs(1, VA + PAGE)])).toBe('ok');
    expect(answer([...file, ['mockMunmap', { va: VA }], refs(1, VA + PAGE)])).toBe('EIO');
  });
});

describe('dirty flags', () => {
  const dirty = (pageTable: bigint, userVa = 0xffff_f700_0000n): readonly Line[] => [
    map(0x20_0000n, { userVa }),
    on('hwptAlloc', { devId: 'dev', ptId: 'ioas', flags: 2, ...DATA, data: [pageTable << 32n] }, 'hwpt'),
    on('hwptSetDirtyTracking', { hwptId: 'hwpt', flags: 1 }),
    on('mockDirty', {
      hwptId: 'hwpt',
      iova: IOVA,
      length: 0x1_0000n,
      pageSize: HALF,
      uptr: VA,
      data: [0b101n],
    }),
  ];
  const bitmap = on('hwptGetDirtyBitmap', { hwptId: 'hwpt', iova: IOVA, length: 0x1_0000n, pageSize: HALF });

  it('are of pages, or of blocks in huge tables', () => {
    expect(played(dirty(0n)).last.result.out).toEqual({ outNrDirty: 2n });
    expect(played([...dirty(0n), bitmap]).last.result.out).toEqual({ data: [0b101n] });
    expect(played([...dirty(1n), bitmap]).last.result.out).toEqual({ data: [0xffff_ffffn] });
    // Memory that is aligned otherwise is mapped page by page.
    expect(played([...dirty(1n, VA), bitmap]).last.result.out).toEqual({ data: [0b1111n] });
    expect(played([...dirty(0n), bitmap, bitmap]).last.result.out).toEqual({ data: [] });
  });

  it.each<[string, Readonly<Record<string, bigint>>, string]>([
    ['of no pages', { length: 0n }, 'EINVAL'],
    ['of pages without a size', { pageSize: 0n }, 'EINVAL'],
    ['without a bitmap', { uptr: 0n }, 'EINVAL'],
    ['with a bitmap that is not there', { uptr: 8n }, 'EFAULT'],
  ])('are not set %s', (_, wrong, expected) => {
    const line = on('mockDirty', {
      hwptId: 'hwpt',
      iova: IOVA,
      length: PAGE,
      pageSize: HALF,
      uptr: VA,
      ...wrong,
    });
    expect(answer([...dirty(0n), line])).toBe(expected);
  });
});

describe('a mock vIOMMU', () => {
  const SLICE = [parent, viommu];

  it.each<[string, readonly Line[], string]>([
    [
      'is of its own type',
      [parent, on('viommuAlloc', { type: 1, devId: 'dev', hwptId: 'parent' })],
      'EOPNOTSUPP',
    ],
    [
      'lets devices nest that it knows',
      [...SLICE, nested('viommu'), on('mockReplace', { stdevId: 2, ptId: 'nested' })],
      'ENOENT',
    ],
    [
      'knows those with a vDEVICE',
      [...SLICE, vdevice, nested('viommu'), on('mockReplace', { stdevId: 2, ptId: 'nested' })],
      'ok',
    ],
    [
      'is not needed to nest',
      [parent, nested('parent'), on('mockReplace', { stdevId: 2, ptId: 'nested' })],
      'ok',
    ],
    ['needs a type that is known', [...SLICE, nested('viommu', { dataType: 0xdeae })], 'EOPNOTSUPP'],
    ['needs data from its first field on', [...SLICE, nested('viommu', { dataLen: 3 })], 'EINVAL'],
    ['needs no more data than there is', [...SLICE, nested('viommu', { dataLen: 9 })], 'EINVAL'],
    [
      'reports no event of a device that is not nested',
      [...SLICE, on('mockEvent', { devId: 'dev' })],
      'ENOENT',
    ],
    [
      'reports none without a queue',
      [
        ...SLICE,
        vdevice,
        nested('viommu'),
        on('mockReplace', { stdevId: 2, ptId: 'nested' }),
        on('mockEvent', { devId: 'dev' }),
      ],
      'EOPNOTSUPP',
    ],
    ['has queues of its type', [...SLICE, map(), queue(0, { type: 1 })], 'EOPNOTSUPP'],
    ['has queues in order', [...SLICE, map(), queue(1)], 'EIO'],
    ['has each queue once', [...SLICE, map(), queue(0), queue(0)], 'EEXIST'],
    ['has two of them', [...SLICE, map(), queue(0), queue(2)], 'EINVAL'],
    ['has them in memory', [...SLICE, queue(0)], 'ENOENT'],
    ['has them in whole pages', [...SLICE, map(HALF), queue(0, { length: HALF })], 'EADDRINUSE'],
    [
      'has them in pages that follow one another',
      [...SLICE, map(PAGE), map(PAGE, { iova: IOVA + PAGE, userVa: VA }), queue(0, { length: 2n * PAGE })],
      'EFAULT',
    ],
    [
      'keeps their memory',
      [...SLICE, map(), queue(0), on('ioasUnmap', { ioasId: 'ioas', length: 2n ** 64n - 1n })],
      'EBUSY',
    ],
  ])('%s', (_, lines, expected) => {
    expect(answer(lines)).toBe(expected);
  });

  it('tells where its memory is to be mapped, and is held by who has mapped it', () => {
    const made: readonly Line[] = [
      parent,
      on(
        'viommuAlloc',
        { type: SELFTEST, devId: 'dev', hwptId: 'parent', dataLen: 24, data: [5n, 0n, 0n] },
        'viommu',
      ),
    ];
    const { data } = played(made).last.result.out as { data: Words };
    expect(data).toEqual([0x5_0000_0005n, PAGE, 2n * PAGE]);
    const mmap = (offset: bigint, length: bigint): Line =>
      on('mockMmap', { va: 0x7000_0000n, offset, length });
    expect(answer([...made, mmap(0n, 2n * PAGE)])).toBe('ENXIO');
    expect(answer([...made, mmap(PAGE, PAGE)])).toBe('ENXIO');
    const mapped = [...made, mmap(PAGE, 2n * PAGE)];
    expect(answer([...mapped, on('destroy', { id: 'viommu' })])).toBe('EBUSY');
    expect(answer([...mapped, ['mockMunmap', { va: 0x7000_0000n }], on('destroy', { id: 'viommu' })])).toBe(
      'ok',
    );
  });

  it('packs records that are no whole words', () => {
    const lines = [
      ...SLICE,
      vdevice,
      nested('viommu'),
      on('mockReplace', { stdevId: 2, ptId: 'nested' }),
      on('veventqAlloc', { viommuId: 'viommu', type: 0xbeef_beef, veventqDepth: 2 }, 'queue'),
      on('mockEvent', { devId: 'dev' }),
      on('mockEvent', { devId: 'dev' }),
      on('mockEvent', { devId: 'dev' }),
    ];
    const { last } = played([...lines, ['read', { fd: 'queue.fd', count: 100 }]]);
    // Twice flags, sequence and the virtual id, then the header of what was lost.
    expect(last.result.out).toEqual({
      count: 32,
      data: [0n, 0x99n, 0x99_0000_0001n, 0x2_0000_0001n],
    });
  });
});

describe('a PASID of a mock device', () => {
  const PASID: readonly Line[] = [
    on('mockDomainFlags', { ptId: 'ioas', devFlags: 4 }, 'pdev'),
    on('hwptAlloc', { devId: 'dev', ptId: 'ioas', flags: 8 }, 'first'),
    on('hwptAlloc', { devId: 'dev', ptId: 'ioas', flags: 8 }, 'second'),
    on('mockReplace', { stdevId: 5, ptId: 'first' }),
  ];
  const attach = (pasid: number, ptId = 'first'): Line => on('mockPasidAttach', { stdevId: 5, pasid, ptId });
  const replace = (pasid: number, ptId = 'second'): Line =>
    on('mockPasidReplace', { stdevId: 5, pasid, ptId });

  it.each<[string, readonly Line[], string]>([
    ['is attached', [attach(1)], 'ok'],
    ['has 20 bits', [attach(1 << 20)], 'EINVAL'],
    ['is attached once', [attach(1), attach(1)], 'EBUSY'],
    ['is attached before it is replaced', [replace(1)], 'EINVAL'],
    ['is 0 for requests without', [attach(0)], 'EBUSY'],
    ['is refused every other time if it is 1024', [attach(1024), replace(1024)], 'ENOMEM'],
    ['is accepted after that', [attach(1024), replace(1024), replace(1024)], 'ok'],
    [
      'is where it was after a refusal',
      [attach(1024), replace(1024), on('mockPasidCheck', { stdevId: 5, pasid: 1024, hwptId: 'first' })],
      'ok',
    ],
    [
      'is forgotten with a detach',
      [attach(1024), on('mockPasidDetach', { stdevId: 5, pasid: 1024 }), attach(1024)],
      'ok',
    ],
    ['is on nothing before', [on('mockPasidCheck', { stdevId: 5, pasid: 1 })], 'ok'],
    [
      'is on one HWPT',
      [attach(1), on('mockPasidCheck', { stdevId: 5, pasid: 1, hwptId: 'second' })],
      'EINVAL',
    ],
  ])('%s', (_, lines, expected) => {
    expect(answer([...PASID, ...lines])).toBe(expected);
  });
});

describe('a page request of a mock device', () => {
  const READY: readonly Line[] = [
    parent,
    on('faultQueueAlloc', {}, 'queue'),
    nested('parent', { flags: 4, faultId: 'queue' }),
    on('mockReplace', { stdevId: 2, ptId: 'nested' }),
  ];
  const fault = (pasid: number): Line =>
    on('mockPageFault', { devId: 'dev', pasid, grpid: 2, perm: 3, addr: 0x5000n });
  const read: Line = ['read', { fd: 'queue.fd', count: 40 }];

  it('with a PASID of the guest’s comes by the nested HWPT', () => {
    const { data } = played([...READY, fault(7), read]).last.result.out as { data: Words };
    expect(data).toEqual([0x3_0000_0003n, 0x2_0000_0007n, 3n, 0x5000n, 0x1_0000_0000n]);
  });

  it('is answered as invalid when the attachment goes by which it came', () => {
    const lines: readonly Line[] = [
      parent,
      on('faultQueueAlloc', {}, 'queue'),
      on('mockDomainFlags', { ptId: 'ioas', devFlags: 4 }, 'pdev'),
      on('hwptAlloc', { devId: 'pdev', ptId: 'ioas', flags: 8 }, 'plain'),
      on('hwptAlloc', { devId: 'pdev', ptId: 'ioas', flags: 12, faultId: 'queue' }, 'asking'),
      on('mockReplace', { stdevId: 7, ptId: 'plain' }),
      on('mockPasidAttach', { stdevId: 7, pasid: 7, ptId: 'asking' }),
      on('mockPageFault', { devId: 'pdev', pasid: 7, grpid: 2, perm: 3, addr: 0x5000n }),
    ];
    const { effects } = played([...lines, on('mockPasidDetach', { stdevId: 7, pasid: 7 })]).last;
    expect(effects).toEqual([{ kind: 'pageResponse', device: 4, group: 2, code: 1 }]);
    expect(played([...lines, on('mockReplace', { stdevId: 7, ptId: 'asking' })]).last.effects).toEqual([]);
  });

  it('is answered as invalid where nobody hands it on', () => {
    const { last } = played([fault(0)]);
    expect(outcome(last.result)).toBe('ok');
    expect(last.effects).toEqual([{ kind: 'pageResponse', device: 0, group: 2, code: 1 }]);
  });
});

describe('a mock dma-buf', () => {
  const BUFFER: readonly Line[] = [on('mockDmabuf', { length: 0x1001 }, 'buffer')];
  const mapIt = (length: bigint): Line =>
    on('ioasMapFile', { ioasId: 'ioas', flags: FIXED_RW, fileFd: 'buffer', length, iova: IOVA });

  it.each<[string, readonly Line[], string]>([
    ['has a length', [on('mockDmabuf', { length: 0 })], 'EINVAL'],
    ['has 2 MiB at most', [on('mockDmabuf', { length: 0x20_1000 })], 'EINVAL'],
    ['has whole pages', [...BUFFER, mapIt(2n * PAGE)], 'ok'],
    ['has no more', [...BUFFER, mapIt(3n * PAGE)], 'EINVAL'],
    [
      'is not mapped while it is revoked',
      [...BUFFER, on('mockRevoke', { dmabufFd: 'buffer', revoked: 1 }), mapIt(PAGE)],
      'ENODEV',
    ],
    ['is all that can be revoked', [on('mockRevoke', { dmabufFd: 'io', revoked: 1 })], 'EINVAL'],
  ])('%s', (_, lines, expected) => {
    expect(answer(lines)).toBe(expected);
  });
});
