import { describe, expect, it } from 'vitest';
import { grouped } from '../../workload/scopes/grouped.ts';
import { oneSmmu } from '../../workload/scopes/one-smmu.ts';
import { twoSmmus } from '../../workload/scopes/two-smmus.ts';
import { BOUND, type Line, NESTED, nestedArgs, outcome, play } from '../support/script.ts';

/** Rule, what came before, the call, and its answer. */
type Case = readonly [rule: string, before: readonly Line[], call: Line, answer: string];

const VA = 0xffff_f6ff_9000n;
const MAP = { fd: 'io', ioasId: 'ioas', flags: 7, userVa: VA, length: 0x1000n, iova: 0x2000_0000n };
const UNMAP = { fd: 'io', ioasId: 'ioas', iova: 0x2000_0000n, length: 0x1000n };
const HWPT = { fd: 'io', devId: 'dev', ptId: 'ioas' };
const VIOMMU = { fd: 'io', type: 1, devId: 'dev', hwptId: 'parent' };
const VDEVICE = { fd: 'io', viommuId: 'viommu', devId: 'dev', virtId: 0x110n };
const VEVENTQ = { fd: 'io', viommuId: 'viommu', type: 1, veventqDepth: 4 };
const TLBI_ALL = [0x10n, 0n];
const INVALIDATE = { fd: 'io', hwptId: 'viommu', dataType: 1, entryLen: 16, entryNum: 1, data: TLBI_ALL };
const ATTACHED: readonly Line[] = [...BOUND, ['vfioAttach', { fd: 'cdev', ptId: 'ioas' }, 'auto']];
const MAPPED: readonly Line[] = [...BOUND, ['ioasMap', MAP]];

const ONE_DEVICE: readonly Case[] = [
  ['R-1: what is not there cannot be destroyed', BOUND, ['destroy', { fd: 'io', id: 77 }], 'ENOENT'],
  ['R-1: what is in use cannot be destroyed', BOUND, ['destroy', { fd: 'io', id: 'dev' }], 'EBUSY'],
  ['R-1: an IOAS with a domain', ATTACHED, ['destroy', { fd: 'io', id: 'ioas' }], 'EBUSY'],
  ['R-1: a nesting parent under a vIOMMU', NESTED, ['destroy', { fd: 'io', id: 'parent' }], 'EBUSY'],
  [
    'R-6: the vDEVICE of a closed device is a tombstone',
    [...NESTED, ['vdeviceAlloc', VDEVICE, 'vdev'], ['close', { fd: 'cdev' }]],
    ['destroy', { fd: 'io', id: 'vdev' }],
    'ENOENT',
  ],
  ['R-7: an unknown option', BOUND, ['option', { fd: 'io', optionId: 9 }], 'EOPNOTSUPP'],
  ['R-7: RLIMIT_MODE without the capability', BOUND, ['option', { fd: 'io', op: 0, val64: 1n }], 'EPERM'],
  ['R-7: RLIMIT_MODE belongs to no object', BOUND, ['option', { fd: 'io', objectId: 'ioas' }], 'EOPNOTSUPP'],
  [
    'R-7: huge pages cannot be disabled under mappings of a domain',
    [...ATTACHED, ['ioasMap', MAP]],
    ['option', { fd: 'io', optionId: 1, objectId: 'ioas', val64: 0n }],
    'EINVAL',
  ],
  [
    'R-7: huge pages cannot be disabled over an unaligned area',
    [...BOUND, ['ioasMap', { ...MAP, length: 0x100n }]],
    ['option', { fd: 'io', optionId: 1, objectId: 'ioas', val64: 0n }],
    'EADDRINUSE',
  ],
  ['R-8: a struct that is too short', BOUND, ['ioasMap', { ...MAP, size: 39 }], 'EINVAL'],
  ['R-8: a longer struct with zeros behind', BOUND, ['ioasMap', { ...MAP, size: 48 }], 'ok'],
  [
    'R-8: a longer struct with something behind',
    BOUND,
    ['ioasMap', { ...MAP, size: 48, trailing: true }],
    'E2BIG',
  ],
  ['R-8: size before anything else', BOUND, ['ioasMap', { ...MAP, size: 8, flags: 0x80 }], 'EINVAL'],
  ['R-9: an unknown flag', BOUND, ['ioasMap', { ...MAP, flags: 15 }], 'EOPNOTSUPP'],
  ['R-9: neither readable nor writeable', BOUND, ['ioasMap', { ...MAP, flags: 1 }], 'EINVAL'],
  [
    'R-9: an unknown flag before a missing protection',
    BOUND,
    ['ioasMap', { ...MAP, flags: 9 }],
    'EOPNOTSUPP',
  ],
  ['R-9: an IOVA of ULONG_MAX', BOUND, ['ioasMap', { ...MAP, iova: 2n ** 64n - 1n }], 'EOVERFLOW'],
  [
    'R-9: overflow before a missing IOAS',
    BOUND,
    ['ioasMap', { ...MAP, ioasId: 77, length: 2n ** 64n - 1n }],
    'EOVERFLOW',
  ],
  ['R-9: no such IOAS', BOUND, ['ioasMap', { ...MAP, ioasId: 'dev' }], 'ENOENT'],
  ['R-9: user addresses that wrap', BOUND, ['ioasMap', { ...MAP, userVa: 2n ** 64n - 0x800n }], 'EOVERFLOW'],
  ['R-9: nothing to map', BOUND, ['ioasMap', { ...MAP, length: 0n }], 'EINVAL'],
  ['R-9: IOVAs that wrap', BOUND, ['ioasMap', { ...MAP, iova: 2n ** 64n - 0x800n }], 'EOVERFLOW'],
  ['R-9: over another area', MAPPED, ['ioasMap', MAP], 'EEXIST'],
  [
    'R-9: into the MSI window of an attached device',
    ATTACHED,
    ['ioasMap', { ...MAP, iova: 0x800_0000n }],
    'EINVAL',
  ],
  [
    'R-9: into the window before anything is attached',
    BOUND,
    ['ioasMap', { ...MAP, iova: 0x800_0000n }],
    'ok',
  ],
  ['R-9: beyond the aperture', ATTACHED, ['ioasMap', { ...MAP, iova: 1n << 48n }], 'EINVAL'],
  ['R-9: less than a page without a domain', BOUND, ['ioasMap', { ...MAP, length: 0x10n }], 'ok'],
  ['R-9: less than a page under a domain', ATTACHED, ['ioasMap', { ...MAP, length: 0x10n }], 'EINVAL'],
  ['R-9: a user address off the alignment', ATTACHED, ['ioasMap', { ...MAP, userVa: VA + 0x800n }], 'EINVAL'],
  ['R-9: no room is left', ATTACHED, ['ioasMap', { ...MAP, flags: 6, length: 1n << 62n }], 'ENOSPC'],
  [
    'R-10: memory that is not there, pinned at once',
    ATTACHED,
    ['ioasMap', { ...MAP, userVa: 0x1000n }],
    'EFAULT',
  ],
  ['R-10: memory that is not there, without a domain', BOUND, ['ioasMap', { ...MAP, userVa: 0x1000n }], 'ok'],
  ['R-11: nothing mapped', BOUND, ['ioasUnmap', UNMAP], 'ENOENT'],
  [
    'R-11: everything, of nothing',
    BOUND,
    ['ioasUnmap', { ...UNMAP, iova: 0n, length: 2n ** 64n - 1n }],
    'ok',
  ],
  ['R-11: a part of an area', MAPPED, ['ioasUnmap', { ...UNMAP, length: 0x800n }], 'ENOENT'],
  ['R-11: no length', MAPPED, ['ioasUnmap', { ...UNMAP, length: 0n }], 'EINVAL'],
  ['R-11: a range that wraps', MAPPED, ['ioasUnmap', { ...UNMAP, length: 2n ** 64n - 2n }], 'EOVERFLOW'],
  [
    'R-12: COPY of what is not mapped',
    BOUND,
    ['ioasCopy', { fd: 'io', flags: 6, srcIoasId: 'ioas', dstIoasId: 'ioas', length: 1n }],
    'ENOENT',
  ],
  [
    'R-12: COPY writeable of what was given read-only',
    [...BOUND, ['ioasMap', { ...MAP, flags: 5 }]],
    [
      'ioasCopy',
      { fd: 'io', flags: 6, srcIoasId: 'ioas', dstIoasId: 'ioas', length: 0x1000n, srcIova: 0x2000_0000n },
    ],
    'EPERM',
  ],
  [
    'R-13: an empty allowed range',
    BOUND,
    ['ioasAllowIovas', { fd: 'io', ioasId: 'ioas', numIovas: 1, data: [5n, 5n] }],
    'EINVAL',
  ],
  [
    'R-13: allowed ranges that overlap',
    BOUND,
    ['ioasAllowIovas', { fd: 'io', ioasId: 'ioas', numIovas: 2, data: [0n, 9n, 9n, 20n] }],
    'EINVAL',
  ],
  [
    'R-13: an allowed range over a reserved one',
    ATTACHED,
    ['ioasAllowIovas', { fd: 'io', ioasId: 'ioas', numIovas: 1, data: [0n, 0x800_0000n] }],
    'EADDRINUSE',
  ],
  [
    'R-13: ranges that are not there',
    BOUND,
    ['ioasAllowIovas', { fd: 'io', ioasId: 'ioas', numIovas: 1 }],
    'EFAULT',
  ],
  [
    'R-14: a mapping in the MSI window keeps a device off',
    [...BOUND, ['ioasMap', { ...MAP, iova: 0x800_0000n }]],
    ['vfioAttach', { fd: 'cdev', ptId: 'ioas' }],
    'EADDRINUSE',
  ],
  [
    'R-15: no room for the ranges',
    ATTACHED,
    ['ioasIovaRanges', { fd: 'io', ioasId: 'ioas', numIovas: 1 }],
    'EMSGSIZE',
  ],
  [
    'R-16: an unaligned area keeps a domain off',
    [...BOUND, ['ioasMap', { ...MAP, length: 0x100n }]],
    ['hwptAlloc', HWPT],
    'EADDRINUSE',
  ],
  [
    'R-16: an area beyond the stage-2 aperture keeps a nesting parent off',
    [...BOUND, ['ioasMap', { ...MAP, iova: 1n << 45n }]],
    ['hwptAlloc', { ...HWPT, flags: 1 }],
    'EADDRINUSE',
  ],
  [
    'R-16: the same area suits a stage-1 domain',
    [...BOUND, ['ioasMap', { ...MAP, iova: 1n << 45n }]],
    ['hwptAlloc', HWPT],
    'ok',
  ],
  ['R-19: data without a type', BOUND, ['hwptAlloc', { ...HWPT, dataLen: 16 }], 'EINVAL'],
  ['R-19: no such device', BOUND, ['hwptAlloc', { ...HWPT, devId: 'ioas' }], 'ENOENT'],
  ['R-19: no such page table', BOUND, ['hwptAlloc', { ...HWPT, ptId: 77 }], 'EINVAL'],
  ['R-19: a device before the page table', BOUND, ['hwptAlloc', { ...HWPT, devId: 77, ptId: 77 }], 'ENOENT'],
  ['R-20: flags that do not go together', BOUND, ['hwptAlloc', { ...HWPT, flags: 9 }], 'EOPNOTSUPP'],
  ['R-20: dirty tracking without HTTU', BOUND, ['hwptAlloc', { ...HWPT, flags: 2 }], 'EOPNOTSUPP'],
  [
    'R-21: nesting straight on a paging HWPT',
    NESTED,
    ['hwptAlloc', { ...nestedArgs([9n, 0n]), ptId: 'parent' }],
    'EOPNOTSUPP',
  ],
  [
    'R-22: a PASID flag on a nested HWPT',
    NESTED,
    ['hwptAlloc', { ...nestedArgs([9n, 0n]), flags: 8 }],
    'EOPNOTSUPP',
  ],
  [
    'R-22: a fault queue that is not there',
    NESTED,
    ['hwptAlloc', { ...nestedArgs([9n, 0n]), flags: 4, faultId: 77 }],
    'ENOENT',
  ],
  [
    'R-22: data that is not there',
    NESTED,
    ['hwptAlloc', { ...nestedArgs([]), dataUptr: 'unmapped' }],
    'EFAULT',
  ],
  [
    'R-23: V=0 with anything else set',
    NESTED,
    ['hwptAlloc', nestedArgs([2n ** 64n - 2n, 2n ** 64n - 1n])],
    'ok',
  ],
  ['R-23: a stage-2 Config', NESTED, ['hwptAlloc', nestedArgs([0xdn, 0n])], 'EIO'],
  ['R-23: a bit that the host owns', NESTED, ['hwptAlloc', nestedArgs([0xbn, 1n << 44n])], 'EIO'],
  ['R-23: split-stage ATS', NESTED, ['hwptAlloc', nestedArgs([0xbn, 2n << 28n])], 'EIO'],
  ['R-25: no type', NESTED, ['viommuAlloc', { ...VIOMMU, type: 0 }], 'EOPNOTSUPP'],
  ['R-25: a type of other hardware', NESTED, ['viommuAlloc', { ...VIOMMU, type: 2 }], 'EOPNOTSUPP'],
  ['R-25: on an IOAS', NESTED, ['viommuAlloc', { ...VIOMMU, hwptId: 'ioas' }], 'ENOENT'],
  [
    'R-25: on a plain paging HWPT',
    [...NESTED, ['hwptAlloc', HWPT, 'plain']],
    ['viommuAlloc', { ...VIOMMU, hwptId: 'plain' }],
    'EINVAL',
  ],
  ['R-25: a reserved field that is set', NESTED, ['viommuAlloc', { ...VIOMMU, reserved: 1 }], 'EOPNOTSUPP'],
  [
    'R-26: a second vDEVICE',
    [...NESTED, ['vdeviceAlloc', VDEVICE]],
    ['vdeviceAlloc', { ...VDEVICE, virtId: 1n }],
    'EEXIST',
  ],
  ['R-27: stage 1 without a vDEVICE', NESTED, ['vfioAttach', { fd: 'cdev', ptId: 'translate' }], 'ENOENT'],
  ['R-27: bypass without a vDEVICE', NESTED, ['vfioAttach', { fd: 'cdev', ptId: 'bypass' }], 'ok'],
  [
    'R-27: stage 1 with one',
    [...NESTED, ['vdeviceAlloc', VDEVICE]],
    ['vfioAttach', { fd: 'cdev', ptId: 'translate' }],
    'ok',
  ],
  ['R-28: no pointer', NESTED, ['hwptInvalidate', { ...INVALIDATE, dataUptr: 'null' }], 'EINVAL'],
  ['R-28: too many entries', NESTED, ['hwptInvalidate', { ...INVALIDATE, entryNum: 2 ** 19 + 1 }], 'EINVAL'],
  [
    'R-28: an object that holds no cache',
    NESTED,
    ['hwptInvalidate', { ...INVALIDATE, hwptId: 'ioas' }],
    'EINVAL',
  ],
  [
    'R-28: a nested HWPT of this driver',
    NESTED,
    ['hwptInvalidate', { ...INVALIDATE, hwptId: 'bypass' }],
    'EOPNOTSUPP',
  ],
  ['R-29: another data type', NESTED, ['hwptInvalidate', { ...INVALIDATE, dataType: 0 }], 'EINVAL'],
  ['R-29: an empty array is a probe', NESTED, ['hwptInvalidate', { ...INVALIDATE, entryNum: 0 }], 'ok'],
  [
    'R-29: a command that only the VMM may turn into something',
    NESTED,
    ['hwptInvalidate', { ...INVALIDATE, data: [3n, 0n] }],
    'EIO',
  ],
  [
    'R-29: a virtual StreamID that stands for nothing',
    NESTED,
    ['hwptInvalidate', { ...INVALIDATE, data: [6n | (9n << 32n), 0n] }],
    'EIO',
  ],
  [
    'R-29: a longer entry with something behind',
    NESTED,
    ['hwptInvalidate', { ...INVALIDATE, entryLen: 24, data: [0x10n, 0n, 1n] }],
    'E2BIG',
  ],
  ['R-31: no depth', NESTED, ['veventqAlloc', { ...VEVENTQ, veventqDepth: 0 }], 'EINVAL'],
  [
    'R-31: a depth without end',
    NESTED,
    ['veventqAlloc', { ...VEVENTQ, veventqDepth: 2 ** 32 - 1 }],
    'EINVAL',
  ],
  [
    'R-31: a second queue of a type',
    [...NESTED, ['veventqAlloc', VEVENTQ]],
    ['veventqAlloc', VEVENTQ],
    'EEXIST',
  ],
  [
    'R-33: a buffer below a header',
    [...NESTED, ['veventqAlloc', VEVENTQ, 'q']],
    ['read', { fd: 'q.fd', count: 7 }],
    'EINVAL',
  ],
  [
    'R-33: a file position',
    [...NESTED, ['veventqAlloc', VEVENTQ, 'q']],
    ['read', { fd: 'q.fd', pos: 8 }],
    'ESPIPE',
  ],
  [
    'R-36: hardware queues',
    NESTED,
    ['hwQueueAlloc', { fd: 'io', viommuId: 'viommu', type: 1, length: 1n }],
    'EOPNOTSUPP',
  ],
  ['R-37: attach to what is not there', BOUND, ['vfioAttach', { fd: 'cdev', ptId: 77 }], 'ENOENT'],
  ['R-37: attach to a device', BOUND, ['vfioAttach', { fd: 'cdev', ptId: 'dev' }], 'EINVAL'],
  ['R-42: replace by the same', ATTACHED, ['vfioAttach', { fd: 'cdev', ptId: 'auto' }], 'ok'],
  ['R-43: detach twice', [...ATTACHED, ['vfioDetach', { fd: 'cdev' }]], ['vfioDetach', { fd: 'cdev' }], 'ok'],
  [
    'R-43: an automatic HWPT goes with its attachment',
    [...ATTACHED, ['vfioDetach', { fd: 'cdev' }]],
    ['destroy', { fd: 'io', id: 'auto' }],
    'ENOENT',
  ],
  ['R-50: bind twice', BOUND, ['vfioBind', { fd: 'cdev', iommufd: 'io' }], 'EINVAL'],
  [
    'R-50: bind a second open file',
    [...BOUND, ['openCdev', { device: 'dev0' }, 'again']],
    ['vfioBind', { fd: 'again', iommufd: 'io' }],
    'EINVAL',
  ],
  [
    'R-50: bind to a file that is no iommufd',
    [...BOUND, ['openCdev', { device: 'dev1' }, 'other']],
    ['vfioBind', { fd: 'other', iommufd: 'cdev' }],
    'EBADFD',
  ],
  [
    'R-50: bind to no file',
    [['openCdev', { device: 'dev1' }, 'other']],
    ['vfioBind', { fd: 'other', iommufd: 40 }],
    'EBADF',
  ],
  [
    'R-50: a token that cannot be read',
    [
      ['openIommufd', {}, 'io'],
      ['openCdev', { device: 'dev1' }, 'other'],
    ],
    ['vfioBind', { fd: 'other', iommufd: 'io', flags: 1, tokenUuidPtr: 'null' }],
    'EFAULT',
  ],
  [
    'R-50: a token for a device that is no virtual function, and has none',
    [
      ['openIommufd', {}, 'io'],
      ['openCdev', { device: 'dev1' }, 'other'],
    ],
    ['vfioBind', { fd: 'other', iommufd: 'io', flags: 1, tokenUuidPtr: 'buffer' }],
    'EINVAL',
  ],
  [
    'R-50: attach before bind',
    [['openCdev', { device: 'dev0' }, 'cdev']],
    ['vfioAttach', { fd: 'cdev', ptId: 1 }],
    'EINVAL',
  ],
  ['a call on no file', [], ['ioasAlloc', { fd: 9 }], 'EBADF'],
  ['an iommufd call on a device', BOUND, ['ioasAlloc', { fd: 'cdev' }], 'ENOTTY'],
  ['a device call on an iommufd', BOUND, ['vfioAttach', { fd: 'io', ptId: 'ioas' }], 'ENOTTY'],
];

const MEMBERS: readonly Line[] = [
  ...BOUND,
  ['openCdev', { device: 'dev1' }, 'cdev1'],
  ['vfioBind', { fd: 'cdev1', iommufd: 'io' }, 'member'],
  ['ioasAlloc', { fd: 'io' }, 'ioas2'],
];
const BRIDGED: readonly Line[] = [
  ...NESTED,
  ['openCdev', { device: 'dev2' }, 'bridged'],
  ['vfioBind', { fd: 'bridged', iommufd: 'io' }, 'two-streams'],
];

const GROUPS: readonly Case[] = [
  [
    'R-5: a group of another context',
    [...BOUND, ['openIommufd', {}, 'other'], ['openCdev', { device: 'dev1' }, 'cdev1']],
    ['vfioBind', { fd: 'cdev1', iommufd: 'other' }],
    'EPERM',
  ],
  [
    'R-26: a device with two StreamIDs',
    BRIDGED,
    ['vdeviceAlloc', { ...VDEVICE, devId: 'two-streams' }],
    'EOPNOTSUPP',
  ],
  ['R-27: and yet it can bypass', BRIDGED, ['vfioAttach', { fd: 'bridged', ptId: 'bypass' }], 'ok'],
  [
    'R-38: the second of a group cannot go elsewhere',
    [
      ...MEMBERS,
      ['hwptAlloc', { ...HWPT, ptId: 'ioas2' }, 'elsewhere'],
      ['vfioAttach', { fd: 'cdev', ptId: 'ioas' }],
    ],
    ['vfioAttach', { fd: 'cdev1', ptId: 'elsewhere' }],
    'EINVAL',
  ],
  [
    'R-42: once attached, either moves the whole group',
    [
      ...MEMBERS,
      ['hwptAlloc', { ...HWPT, ptId: 'ioas2' }, 'elsewhere'],
      ['vfioAttach', { fd: 'cdev', ptId: 'ioas' }],
      ['vfioAttach', { fd: 'cdev1', ptId: 'ioas' }],
    ],
    ['vfioAttach', { fd: 'cdev1', ptId: 'elsewhere' }],
    'ok',
  ],
  [
    'R-27: a group translates only if every member has its vDEVICE',
    [...NESTED, ['vdeviceAlloc', VDEVICE]],
    ['vfioAttach', { fd: 'cdev', ptId: 'translate' }],
    'ENOENT',
  ],
  ['R-7: RLIMIT_MODE once there are objects', BOUND, ['option', { fd: 'io', op: 0, val64: 1n }], 'EBUSY'],
  ['R-7: RLIMIT_MODE before', [['openIommufd', {}, 'io']], ['option', { fd: 'io', op: 0, val64: 1n }], 'ok'],
];

const FOREIGN: readonly Line[] = [
  ...NESTED,
  ['openCdev', { device: 'dev2' }, 'cdev2'],
  ['vfioBind', { fd: 'cdev2', iommufd: 'io' }, 'foreign'],
];

const SMMUS: readonly Case[] = [
  [
    'R-22: a nested HWPT for a device of another pSMMU',
    FOREIGN,
    ['hwptAlloc', { ...nestedArgs([9n, 0n]), devId: 'foreign' }],
    'EINVAL',
  ],
  [
    'R-25: a vIOMMU over another pSMMU’s parent',
    FOREIGN,
    ['viommuAlloc', { ...VIOMMU, devId: 'foreign' }],
    'EINVAL',
  ],
  [
    'R-26: a vDEVICE on another pSMMU’s vIOMMU',
    FOREIGN,
    ['vdeviceAlloc', { ...VDEVICE, devId: 'foreign' }],
    'EINVAL',
  ],
  [
    'R-45: attach to another pSMMU’s parent',
    FOREIGN,
    ['vfioAttach', { fd: 'cdev2', ptId: 'parent' }],
    'EINVAL',
  ],
  [
    'R-44: an IOAS finds or makes a domain that fits',
    FOREIGN,
    ['vfioAttach', { fd: 'cdev2', ptId: 'ioas' }],
    'ok',
  ],
  [
    'R-25: a device whose DMA is not coherent gets no vIOMMU',
    [
      ...BOUND,
      ['hwptAlloc', { ...HWPT, flags: 1 }, 'parent'],
      ['openCdev', { device: 'dev3' }, 'c'],
      ['vfioBind', { fd: 'c', iommufd: 'io' }, 'nc'],
    ],
    ['viommuAlloc', { ...VIOMMU, devId: 'nc' }],
    'EOPNOTSUPP',
  ],
];

describe.each([
  ['one device', oneSmmu.platform, ONE_DEVICE],
  ['groups and bridges', grouped.platform, GROUPS],
  ['two pSMMUs', twoSmmus.platform, SMMUS],
] as const)('%s', (_title, platform, cases) => {
  it.each(cases)('%s', (_rule, before, call, answer) => {
    const earlier = play(platform, before);
    expect(outcome(earlier.last.result)).toBe('ok');
    const { last } = play(platform, [...before, call]);
    expect(outcome(last.result)).toBe(answer);
    if (!last.result.ok && call[0] !== 'ioasUnmap')
      expect(play(platform, [...before, call]).world).toEqual(earlier.world);
  });
});
