import { bytes, flags, inout, makes, names, out, type StructTable, s32, u32, u64 } from '../struct.ts';

/**
 * What a kernel with CONFIG_IOMMUFD_TEST has beside its interface: IOMMU_TEST_CMD, by which the kernel's own selftests make
 * mock devices and look into them. Source: drivers/iommu/iommufd/iommufd_test.h.
 */

/** The number of IOMMU_TEST_CMD. */
export const TEST_NR = 0xa0;

/** Bytes of struct iommu_test_cmd, and up to its last field. */
export const TEST_BYTES = { SIZE: 72, MIN: 68 } as const;

/** Data types of the mock IOMMU. They are like no value of an enum of the interface. */
export const SELFTEST = {
  HW_INFO: 0xfeed_beef,
  HW_INFO_REGISTER: 0xdead_beefn,
  HWPT_DATA: 0xdead,
  HWPT_INVALIDATE: 0xdead_beef,
  VIOMMU: 0xdead_beef,
  VIOMMU_INVALIDATE: 0xdead_beef,
  VEVENTQ: 0xbeef_beef,
  HW_QUEUE: 0xdead_beef,
} as const;

/** `pagetable_type` of struct iommu_hwpt_selftest. */
export const MOCK_PAGE_TABLE = { DEFAULT: 0, HUGE: 1 } as const;

/** IOVAs of a default page table, and sizes of pages. */
export const MOCK_PAGES = {
  FIRST: 1n << 24n,
  LAST: (1n << 31n) - 1n,
  SIZE: 2048n,
  HUGE: 512n * 2048n,
} as const;

/** What a mock device can lack or have. */
export const MOCK_DEVICE = { NO_DIRTY: 1, PASID: 4 } as const;

export const MOCK_ACCESS = { WRITE: 1, SLOW_PATH: 4, SYZ: 1 << 16 } as const;

export const MOCK_ACCESS_CREATE = { NEEDS_PIN_PAGES: 1 } as const;

export const MOCK_INVALIDATE = { ALL: 1 } as const;

/** Entries of the IOTLB of a nested domain, and of the cache of a device. */
export const MOCK_ENTRIES = 4;

export const MOCK_CACHE_DEFAULT = 0xba_ddad;

/** A PASID whose second attachment in a row the mock driver refuses. */
export const MOCK_BAD_PASID = 1024;

export const MOCK_PASID_BITS = 20;

/** Hardware queues of a vIOMMU. */
export const MOCK_QUEUES = 2;

/** One operation of IOMMU_TEST_CMD: a view of its struct. */
export interface TestTable extends StructTable {
  readonly name: string;
  readonly op: number;
  readonly sentence: string;
}

function table<const F extends StructTable['fields']>(name: string, op: number, sentence: string, fields: F) {
  return {
    name: `IOMMU_TEST_OP_${name}`,
    op,
    sentence,
    struct: 'iommu_test_cmd',
    size: TEST_BYTES.SIZE,
    minSize: TEST_BYTES.MIN,
    fields: { size: u32(0), ...fields },
  } as const;
}

const MADE = {
  outStdevId: out(u32(16)),
  outHwptId: out(u32(20)),
  outIdevId: makes('device', out(u32(24))),
};
const STDEV = { stdevId: names('any', u32(8)) };
const ACCESS = { accessFd: names('fd', s32(8)) };
const NESTED_PT = { ptId: names('pt', inout(u32(20))) };

/** The operations, by the command that each is. */
export const TEST_OPS = {
  mockReserve: table('ADD_RESERVED', 1, 'Reserves IOVAs of an IOAS for nobody.', {
    ioasId: names('ioas', u32(8)),
    start: u64(16),
    length: bytes(u64(24)),
  }),
  mockDomain: table('MOCK_DOMAIN', 2, 'Makes a mock device, binds it and attaches it.', {
    ptId: names('pt', u32(8)),
    ...MADE,
  }),
  mockCheckMap: table('MD_CHECK_MAP', 3, 'Asks whether a domain maps these pages of the caller.', {
    hwptId: names('hwpt', u32(8)),
    iova: u64(16),
    length: bytes(u64(24)),
    uptr: u64(32),
  }),
  mockCheckRefs: table('MD_CHECK_REFS', 4, 'Asks whether pages of the caller are pinned so many times.', {
    length: bytes(u64(16)),
    uptr: u64(24),
    refs: u32(32),
  }),
  mockCreateAccess: table(
    'CREATE_ACCESS',
    5,
    'Makes an access to an IOAS, as a driver has, and a file of it.',
    {
      ioasId: names('ioas', u32(8)),
      outAccessFd: makes('fd', out(u32(16))),
      flags: flags(MOCK_ACCESS_CREATE, u32(20)),
    },
  ),
  mockUnpin: table('DESTROY_ACCESS_PAGES', 6, 'Unpins what an access pinned at once.', {
    ...ACCESS,
    accessPagesId: u32(16),
  }),
  mockPin: table(
    'ACCESS_PAGES',
    7,
    'Pins pages by an access, and looks whether they are those of the caller.',
    {
      ...ACCESS,
      flags: flags(MOCK_ACCESS, u32(16)),
      outAccessPagesId: out(u32(20)),
      iova: u64(24),
      length: bytes(u64(32)),
      uptr: u64(40),
    },
  ),
  mockRw: table('ACCESS_RW', 8, 'Reads or writes memory by an access.', {
    ...ACCESS,
    iova: u64(16),
    length: bytes(u64(24)),
    uptr: u64(32),
    flags: flags(MOCK_ACCESS, u32(40)),
  }),
  mockMemoryLimit: table('SET_TEMP_MEMORY_LIMIT', 9, 'Limits the memory that one pinning may use.', {
    limit: bytes(u32(16)),
  }),
  mockReplace: table('MOCK_DOMAIN_REPLACE', 10, 'Attaches a mock device to something else.', {
    ...STDEV,
    ptId: names('pt', inout(u32(16))),
  }),
  mockReplaceIoas: table('ACCESS_REPLACE_IOAS', 11, 'Moves an access to another IOAS.', {
    ...ACCESS,
    ioasId: names('ioas', u32(16)),
  }),
  mockDomainFlags: table('MOCK_DOMAIN_FLAGS', 12, 'Makes a mock device that lacks or has something.', {
    ptId: names('pt', u32(8)),
    ...MADE,
    devFlags: flags(MOCK_DEVICE, u32(28)),
  }),
  mockDirty: table('DIRTY', 13, 'Writes pages of a domain, as its device would.', {
    hwptId: names('hwpt', u32(8)),
    flags: u32(16),
    iova: u64(24),
    length: bytes(u64(32)),
    pageSize: bytes(u64(40)),
    uptr: u64(48),
    outNrDirty: out(u64(56)),
  }),
  mockCheckIotlb: table('MD_CHECK_IOTLB', 14, 'Asks what an entry of the IOTLB of a nested domain holds.', {
    hwptId: names('hwpt', u32(8)),
    entry: u32(16),
    iotlb: u32(20),
  }),
  mockPageFault: table('TRIGGER_IOPF', 15, 'Makes a mock device ask for a page.', {
    devId: names('device', u32(16)),
    pasid: u32(20),
    grpid: u32(24),
    perm: u32(28),
    addr: u64(32),
  }),
  mockCheckCache: table('DEV_CHECK_CACHE', 16, 'Asks what an entry of the cache of a mock device holds.', {
    devId: names('device', u32(8)),
    entry: u32(16),
    cache: u32(20),
  }),
  mockEvent: table('TRIGGER_VEVENT', 17, 'Makes the mock IOMMU record an event of a device.', {
    devId: names('device', u32(16)),
  }),
  mockPasidAttach: table('PASID_ATTACH', 18, 'Attaches a PASID of a mock device.', {
    ...STDEV,
    pasid: u32(16),
    ...NESTED_PT,
  }),
  mockPasidReplace: table('PASID_REPLACE', 19, 'Attaches a PASID of a mock device to something else.', {
    ...STDEV,
    pasid: u32(16),
    ...NESTED_PT,
  }),
  mockPasidDetach: table('PASID_DETACH', 20, 'Detaches a PASID of a mock device.', {
    ...STDEV,
    pasid: u32(16),
  }),
  mockPasidCheck: table('PASID_CHECK_HWPT', 21, 'Asks whether a PASID is on an HWPT; 0: on none.', {
    ...STDEV,
    pasid: u32(16),
    hwptId: names('hwpt', u32(20)),
  }),
  mockDmabuf: table('DMABUF_GET', 22, 'Makes a dma-buf of so many bytes.', {
    length: bytes(u32(16)),
    openFlags: u32(20),
  }),
  mockRevoke: table('DMABUF_REVOKE', 23, 'Takes a dma-buf back from those that map it, or gives it again.', {
    dmabufFd: names('fd', s32(16)),
    revoked: u32(20),
  }),
} as const satisfies Readonly<Record<string, TestTable>>;

export type TestName = keyof typeof TEST_OPS;
