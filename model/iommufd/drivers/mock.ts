import type { Errno } from '../../../spec/errno.ts';
import { HW_INFO_TYPE, HWPT_ALLOC, HWPT_DATA } from '../../../spec/iommufd/constants.ts';
import {
  MOCK_DEVICE,
  MOCK_ENTRIES,
  MOCK_INVALIDATE,
  MOCK_PAGE_TABLE,
  MOCK_PAGES,
  MOCK_PASID_BITS,
  MOCK_QUEUES,
  SELFTEST,
} from '../../../spec/iommufd/selftest.ts';
import type { DeviceHardware, Platform } from '../../platform/platform.ts';
import { copyStruct } from '../user-data.ts';
import type {
  CommandWords,
  InvalidatedRanges,
  IommuDriver,
  NestedMock,
  PagingDomain,
  UserData,
} from './driver.ts';

/** struct iommu_test_hw_info: flags and a register. */
const HW_INFO_BYTES = 8;

/** struct iommu_hwpt_selftest: iotlb and pagetable_type; the first version ended with the former. */
const HWPT_BYTES = { ALL: 8, FIRST: 4 } as const;

/** struct iommu_hwpt_invalidate_selftest: flags and iotlb_id. */
const INVALIDATE_BYTES = 8;

/** struct iommu_viommu_invalidate_selftest: flags, vdev_id and cache_id. */
const VIOMMU_INVALIDATE_BYTES = 12;

/** struct iommu_viommu_selftest, up to out_data and whole. */
const VIOMMU_BYTES = { ALL: 24, FIRST: 8 } as const;

const PAGING_FLAGS = HWPT_ALLOC.NEST_PARENT | HWPT_ALLOC.DIRTY_TRACKING | HWPT_ALLOC.PASID;

/** Sizes that a table of the mock IOMMU maps at once: from its page up to 64 GiB, as AMD's tables have them. */
const PAGE_SIZES = (1n << 37n) - MOCK_PAGES.SIZE;

/** The last IOVA of a table of three levels of 512 entries over its pages. */
const LAST_IOVA = MOCK_PAGES.SIZE * 512n ** 3n - 1n;

function deviceAt(platform: Platform, device: number): DeviceHardware {
  return platform.devices[device] as DeviceHardware;
}

function lacksDirty(platform: Platform, device: number): boolean {
  return ((deviceAt(platform, device).mock ?? 0) & MOCK_DEVICE.NO_DIRTY) !== 0;
}

/** iommu_copy_struct_from_user(): the two words of struct iommu_hwpt_selftest. */
function copyHwptData({ length, words }: UserData): { iotlb: number; pageTable: number } | Errno {
  if (length < HWPT_BYTES.FIRST || length > HWPT_BYTES.ALL) return 'EINVAL';
  const copied = copyStruct(words, 0, length, HWPT_BYTES.ALL);
  if (typeof copied === 'string') return copied;
  const [word = 0n] = copied;
  return { iotlb: Number(BigInt.asUintN(32, word)), pageTable: Number(word >> 32n) };
}

function nestedOf(iommu: number, data: UserData, onViommu: boolean): NestedMock | Errno {
  if (data.type !== SELFTEST.HWPT_DATA) return 'EOPNOTSUPP';
  const given = copyHwptData(data);
  if (typeof given === 'string') return given;
  return { iommu, config: 'mock', onViommu, iotlb: new Array<number>(MOCK_ENTRIES).fill(given.iotlb) };
}

/** The mock IOMMU of iommufd's own selftests (drivers/iommu/iommufd/selftest.c). */
export const mock: IommuDriver = {
  name: 'mock',
  cacheCoherent: () => true,
  enforcesCoherency: () => false,
  dirtyTracking: (platform, device) => !lacksDirty(platform, device),

  hwInfo(_platform, _device, type) {
    if (type !== HW_INFO_TYPE.DEFAULT && type !== SELFTEST.HW_INFO) return 'EOPNOTSUPP';
    return { type: SELFTEST.HW_INFO, length: HW_INFO_BYTES, words: [SELFTEST.HW_INFO_REGISTER << 32n] };
  },

  reservedRegions: () => [],

  // mock_domain_alloc_paging_flags(): the data says of which kind the tables are.
  allocPaging(platform, iommu, device, flags, data) {
    const tracks = (flags & HWPT_ALLOC.DIRTY_TRACKING) !== 0;
    if ((flags & ~PAGING_FLAGS) !== 0 || (tracks && lacksDirty(platform, device))) return 'EOPNOTSUPP';
    let pageTable: number = MOCK_PAGE_TABLE.DEFAULT;
    if (data !== null) {
      if (data.type !== SELFTEST.HWPT_DATA && data.type !== HWPT_DATA.NONE) return 'EOPNOTSUPP';
      // The copy wants the one type, so that NONE with data is refused here.
      const given = data.type === HWPT_DATA.NONE ? 'EINVAL' : copyHwptData(data);
      if (typeof given === 'string') return given;
      pageTable = given.pageTable;
    }
    if (pageTable !== MOCK_PAGE_TABLE.DEFAULT && pageTable !== MOCK_PAGE_TABLE.HUGE) return 'EOPNOTSUPP';
    const huge = pageTable === MOCK_PAGE_TABLE.HUGE;
    const { pageSize } = platform.kernel;
    const made: PagingDomain = {
      iommu: deviceAt(platform, device).iommu,
      stage: 1,
      vmid: null,
      enforceCoherency: false,
      ...(tracks ? { tracksWrites: true } : {}),
      geometry: huge
        ? {
            apertureStart: 0n,
            apertureLast: LAST_IOVA,
            minPage: pageSize,
            pageSizes: MOCK_PAGES.HUGE | pageSize,
            dirtyBlock: MOCK_PAGES.HUGE,
          }
        : {
            apertureStart: MOCK_PAGES.FIRST,
            apertureLast: MOCK_PAGES.LAST,
            minPage: MOCK_PAGES.SIZE,
            pageSizes: PAGE_SIZES,
          },
    };
    return { iommu, made };
  },

  freePaging: (iommu) => iommu,
  supportsViommu: (_platform, _device, type) => type === SELFTEST.VIOMMU,

  initViommu(iommu, platform, device, parent, _rules, data) {
    if (parent.iommu !== deviceAt(platform, device).iommu) return 'EINVAL';
    if (data !== null) {
      if (data.length < VIOMMU_BYTES.FIRST || data.length > VIOMMU_BYTES.ALL) return 'EINVAL';
      const copied = copyStruct(data.words, 0, data.length, VIOMMU_BYTES.ALL);
      if (typeof copied === 'string') return copied;
    }
    return { iommu, made: 0 };
  },

  freeViommu: (iommu) => iommu,

  allocNested(iommu, flags, data) {
    if ((flags & ~(HWPT_ALLOC.PASID | HWPT_ALLOC.FAULT_ID_VALID)) !== 0) return 'EOPNOTSUPP';
    return nestedOf(iommu, data, true);
  },

  legacyNesting: {
    alloc(platform, device, _parent, flags, data) {
      if ((flags & ~HWPT_ALLOC.PASID) !== 0) return 'EOPNOTSUPP';
      return nestedOf(deviceAt(platform, device).iommu, data, false);
    },

    // mock_domain_cache_invalidate_user(): entry by entry, and the count is exact.
    invalidate({ type, entryLength, entries, words }, _rules, domain): InvalidatedRanges {
      if (type !== SELFTEST.HWPT_INVALIDATE || domain.config !== 'mock')
        return { ranges: [], handled: 0, errno: 'EINVAL' };
      let { iotlb } = domain;
      const stop = (handled: number, errno: Errno | null): InvalidatedRanges => ({
        ranges: [],
        handled,
        errno,
        ...(handled === 0 ? {} : { domain: { ...domain, iotlb } }),
      });
      for (let entry = 0; entry < entries; entry++) {
        if (entryLength !== INVALIDATE_BYTES) return stop(entry, 'EINVAL');
        const copied = copyStruct(words, entry * entryLength, entryLength, INVALIDATE_BYTES);
        if (typeof copied === 'string') return stop(entry, copied);
        const [word = 0n] = copied;
        const flags = Number(BigInt.asUintN(32, word));
        const id = Number(word >> 32n);
        if ((flags & ~MOCK_INVALIDATE.ALL) !== 0) return stop(entry, 'EOPNOTSUPP');
        if (id >= MOCK_ENTRIES) return stop(entry, 'EINVAL');
        iotlb = iotlb.map((value, at) => (flags === MOCK_INVALIDATE.ALL || at === id ? 0 : value));
      }
      return stop(entries, null);
    },
  },

  initVdevice: () => null,

  // mock_domain_nop_attach().
  attach(platform, device, domain, _paging, vsid) {
    if (domain.iommu !== deviceAt(platform, device).iommu) return 'EINVAL';
    if (!('config' in domain)) return domain.tracksWrites && lacksDirty(platform, device) ? 'EINVAL' : null;
    if (domain.config !== 'mock') return 'EINVAL';
    return domain.onViommu && vsid === null ? 'ENOENT' : null;
  },

  maxPasids: (platform, device) =>
    ((deviceAt(platform, device).mock ?? 0) & MOCK_DEVICE.PASID) === 0 ? 0 : 2 ** MOCK_PASID_BITS,
  hasPasidAttach: () => true,
  removesPasids: true,
  attachPasid: (platform, device, domain) =>
    domain.iommu === deviceAt(platform, device).iommu ? null : 'EINVAL',

  // mock_viommu_cache_invalidate(): all commands are copied first; each is told as the device and what goes of its cache.
  invalidate({ type, entryLength, entries, words }, _vmid, streamOf) {
    const issued: CommandWords[] = [];
    if (type !== SELFTEST.VIOMMU_INVALIDATE) return { issued, handled: 0, errno: 'EINVAL' };
    if (entries === 0) return { issued, handled: 0, errno: null };
    const commands: (readonly bigint[])[] = [];
    for (let entry = 0; entry < entries; entry++) {
      const copied = copyStruct(words, entry * entryLength, entryLength, VIOMMU_INVALIDATE_BYTES);
      if (typeof copied === 'string') return { issued, handled: 0, errno: copied };
      commands.push(copied);
    }
    for (const [word = 0n, last = 0n] of commands) {
      const flags = Number(BigInt.asUintN(32, word));
      const id = BigInt.asUintN(32, last);
      const stop = (errno: Errno) => ({ issued, handled: issued.length, errno });
      if ((flags & ~MOCK_INVALIDATE.ALL) !== 0) return stop('EOPNOTSUPP');
      if (id >= MOCK_ENTRIES) return stop('EINVAL');
      const stream = streamOf(word >> 32n);
      if (stream === null) return stop('EINVAL');
      issued.push([BigInt(stream), flags === MOCK_INVALIDATE.ALL ? BigInt(MOCK_ENTRIES) : id]);
    }
    return { issued, handled: issued.length, errno: null };
  },

  hwQueues: { type: SELFTEST.HW_QUEUE, most: MOCK_QUEUES },
  routeEvent: () => ({ to: 'host' }),
};
