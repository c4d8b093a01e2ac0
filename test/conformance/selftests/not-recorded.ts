import { AssertionOfSelftest, LAST_VA, type Selftest } from './asserting.ts';

/*
 * The functions of Linux 7.2's tools/testing/selftests/iommu/iommufd.c that the recording does not have: what each calls, and
 * what it asserts of the answers. Read there, not recorded.
 */

const PAGE = 4096n;
const HUGE_PAGE = 2n * 1024n * 1024n;
const MOCK_PAGE = PAGE / 2n;
const MOCK_HUGE_PAGE = 512n * MOCK_PAGE;
/** IOVAs of a default mock domain. */
const APERTURE = 1n << 24n;
const BUFFER = 0x7fff_f7e0_0000n;
const BUFFER_SIZE = 16n * PAGE;
const FILE_BUFFER = 0x7fff_f7d9_4000n;
const DIRTY_BUFFER = 0x7fff_0000_0000n;

const MAP = { ANYWHERE: 6, FIXED: 7, COPY: 3 } as const;
const OPTION = { RLIMIT_MODE: 0, HUGE_PAGES: 1, SET: 0, GET: 1 } as const;
const FLAG = { DIRTY: 2, PASID: 8 } as const;
const DEVICE = { NO_DIRTY: 1, PASID: 4 } as const;
const NO_CLEAR = 1;
const RW = { WRITE: 1, SLOW_PATH: 4 } as const;
const DATA_TYPE = 0xdead;
const ALL_ONES = (1n << 64n) - 1n;

interface MockDevice {
  readonly stdev: number;
  readonly hwpt: number;
  readonly idev: number;
}

function newIoas(test: Selftest): number {
  return test.number('ioasAlloc', {}, 'outIoasId');
}

function mockDomain(test: Selftest, ptId: number, devFlags = 0): MockDevice {
  const out = test.ok(devFlags === 0 ? 'mockDomain' : 'mockDomainFlags', {
    ptId,
    ...(devFlags === 0 ? {} : { devFlags }),
  });
  return { stdev: Number(out.outStdevId), hwpt: Number(out.outHwptId), idev: Number(out.outIdevId) };
}

/** IOMMU_IOAS_MAP where the kernel likes; gives where. */
function mapAnywhere(test: Selftest, ioasId: number, userVa: bigint, length: bigint): bigint {
  return BigInt(test.ok('ioasMap', { ioasId, userVa, length, flags: MAP.ANYWHERE }).iova as bigint);
}

const mapAt = (ioasId: number, userVa: bigint, length: bigint, iova: bigint) =>
  ({ ioasId, userVa, length, iova, flags: MAP.FIXED }) as const;

// Fixtures.

/** Variants of `iommufd_ioas`. */
export const IOAS_VARIANTS = {
  no_domain: { domains: 0, limit: 0, pasid: false },
  mock_domain: { domains: 1, limit: 0, pasid: true },
  two_mock_domain: { domains: 2, limit: 0, pasid: false },
  mock_domain_limit: { domains: 1, limit: 16, pasid: false },
} as const;

interface IoasFixture {
  readonly ioas: number;
  readonly base: bigint;
  readonly domains: number;
}

function ioasFixture(test: Selftest, variant: keyof typeof IOAS_VARIANTS): IoasFixture {
  const { domains, limit, pasid } = IOAS_VARIANTS[variant];
  const ioas = newIoas(test);
  test.ok('mockMemoryLimit', { limit: limit === 0 ? 65536 : limit });
  for (let i = 0; i < domains; i++) {
    const { idev } = mockDomain(test, ioas);
    for (let entry = 0; entry < 4; entry++)
      test.ok('mockCheckCache', { devId: idev, entry, cache: 0xba_ddad });
  }
  if (pasid) mockDomain(test, ioas, DEVICE.PASID);
  return { ioas, domains, base: domains > 0 ? APERTURE : 0n };
}

/** Variants of `iommufd_mock_domain`. */
export const DOMAIN_VARIANTS = {
  one_domain: { domains: 1, huge: false, file: false },
  two_domains: { domains: 2, huge: false, file: false },
  one_domain_hugepage: { domains: 1, huge: true, file: false },
  two_domains_hugepage: { domains: 2, huge: true, file: false },
  one_domain_file: { domains: 1, huge: false, file: true },
  one_domain_file_hugepage: { domains: 1, huge: true, file: true },
} as const;

interface DomainFixture {
  readonly ioas: number;
  readonly hwpts: readonly number[];
  readonly size: bigint;
  readonly isFile: boolean;
  /** The file whose memory is at FILE_BUFFER. */
  readonly file: number;
}

function domainFixture(test: Selftest, variant: keyof typeof DOMAIN_VARIANTS): DomainFixture {
  const { domains, huge, file: isFile } = DOMAIN_VARIANTS[variant];
  const file = test.number('openFile', { of: 'memory', size: BUFFER_SIZE }, 'fd');
  test.ok('mockMmap', { fd: file, va: FILE_BUFFER, length: BUFFER_SIZE, offset: 0n });
  const ioas = newIoas(test);
  const hwpts = Array.from({ length: domains }, () => mockDomain(test, ioas).hwpt);
  return { ioas, hwpts, isFile, file, size: huge ? 2n * HUGE_PAGE : 8n * PAGE };
}

/** Every domain of the fixture maps these pages. */
function checkMapped(test: Selftest, hwpts: readonly number[], uptr: bigint, iova: bigint, length: bigint) {
  for (const hwptId of hwpts) test.ok('mockCheckMap', { hwptId, iova, length, uptr });
}

const KIB = 1024n;
const MIB = 1024n * KIB;

/** Variants of `iommufd_dirty_tracking`. */
export const DIRTY_VARIANTS = {
  domain_dirty8k: { size: 8n * KIB, huge: false },
  domain_dirty16k: { size: 16n * KIB, huge: false },
  domain_dirty64k: { size: 64n * KIB, huge: false },
  domain_dirty128k: { size: 128n * KIB, huge: false },
  domain_dirty320k: { size: 320n * KIB, huge: false },
  domain_dirty64M: { size: 64n * MIB, huge: false },
  domain_dirty64M_huge: { size: 64n * MIB, huge: true },
  domain_dirty128M: { size: 128n * MIB, huge: false },
  domain_dirty128M_huge: { size: 128n * MIB, huge: true },
} as const;

interface DirtyFixture extends MockDevice {
  readonly ioas: number;
  readonly size: bigint;
  readonly huge: boolean;
}

function dirtyFixture(test: Selftest, variant: keyof typeof DIRTY_VARIANTS): DirtyFixture {
  const { size, huge } = DIRTY_VARIANTS[variant];
  const ioas = newIoas(test);
  if (!huge) test.ok('option', { optionId: OPTION.HUGE_PAGES, op: OPTION.SET, val64: 0n, objectId: ioas });
  return { ioas, size, huge, ...mockDomain(test, ioas) };
}

// Functions.

export function cmdFail(test: Selftest): void {
  test.refuses('ENOENT', 'destroy', { id: 0 });
  test.refuses('ENOTTY', 'unknownIoctl');
  test.skip('a struct that is not there');
}

export function globalOptions(test: Selftest): void {
  const option = (op: number, val64: bigint, optionId: number = OPTION.RLIMIT_MODE) =>
    ({ optionId, op, val64 }) as const;
  test.equal('RLIMIT_MODE', test.ok('option', option(OPTION.GET, 1n)).val64, 0n);
  test.ok('option', option(OPTION.SET, 1n));
  test.refuses('EINVAL', 'option', option(OPTION.SET, 2n));
  test.equal('RLIMIT_MODE', test.ok('option', option(OPTION.GET, 2n)).val64, 1n);
  test.ok('option', option(OPTION.SET, 0n));
  test.refuses('ENOENT', 'option', option(OPTION.GET, 0n, OPTION.HUGE_PAGES));
  test.refuses('ENOENT', 'option', option(OPTION.SET, 0n, OPTION.HUGE_PAGES));
}

export function infoCmd(test: Selftest): void {
  test.refuses('EINVAL', 'compatGetInfo', { argsz: 1 });
  test.refuses('ENODEV', 'compatGetInfo');
}

/** `accounting`: none, by user, by mm. */
export function changeProcess(test: Selftest, accounting: 'none' | 'user' | 'mm'): void {
  const file = test.number('openFile', { of: 'memory', size: BUFFER_SIZE }, 'fd');
  if (accounting !== 'none') {
    const val64 = accounting === 'mm' ? 1n : 0n;
    test.ok('option', { optionId: OPTION.RLIMIT_MODE, op: OPTION.SET, val64 });
  }
  const ioasId = newIoas(test);
  mockDomain(test, ioasId);
  const iova = mapAnywhere(test, ioasId, BUFFER, PAGE);
  test.refuses('EINVAL', 'ioasChangeProcess');
  test.ok('ioasUnmap', { ioasId, iova, length: PAGE });
  test.ok('ioasMapFile', { ioasId, fileFd: file, start: 0n, length: PAGE, flags: MAP.ANYWHERE });
  test.ok('ioasChangeProcess');
  test.ok('passFd', { to: 'child' });
  test.ok('ioasChangeProcess', { fd: 3 }, 'child');
  // Before and after: of both processes, pinned; locked where it is the mm that accounts.
  test.skip('what /proc says of pinned and locked memory', accounting === 'mm' ? 8 : 6);
}

export function area(test: Selftest, variant: keyof typeof IOAS_VARIANTS): void {
  const { ioas: ioasId, base } = ioasFixture(test, variant);
  const at = (page: bigint) => base + page * PAGE;
  const map = (pages: bigint, first: bigint) => mapAt(ioasId, BUFFER, pages * PAGE, at(first));
  for (let i = 0n; i < 10n; i++)
    test.refuses('ENOENT', 'ioasUnmap', { ioasId, iova: i * PAGE, length: PAGE });
  for (let i = 0n; i < 10n; i++) test.ok('ioasMap', map(1n, i));
  for (let i = 0n; i < 10n; i++) test.ok('ioasUnmap', { ioasId, iova: at(i), length: PAGE });
  test.ok('ioasMap', map(2n, 16n));
  for (const half of [16n, 17n])
    test.refuses('ENOENT', 'ioasUnmap', { ioasId, iova: at(half), length: PAGE });
  for (const [pages, first] of [
    [2n, 16n],
    [1n, 16n],
    [1n, 17n],
    [2n, 15n],
    [3n, 15n],
  ] as const)
    test.refuses('EEXIST', 'ioasMap', map(pages, first));
  test.equal('unmapped', test.ok('ioasUnmap', { ioasId, iova: 0n, length: ALL_ONES }).length, 2n * PAGE);
  test.ok('ioasUnmap', { ioasId, iova: 0n, length: ALL_ONES });
}

export function copyArea(test: Selftest, variant: keyof typeof IOAS_VARIANTS): void {
  const { ioas, base } = ioasFixture(test, variant);
  test.ok('ioasMap', mapAt(ioas, BUFFER, PAGE, base));
  const copy = { srcIoasId: ioas, srcIova: base, length: PAGE, flags: MAP.COPY };
  test.ok('ioasCopy', { ...copy, dstIoasId: ioas, dstIova: base + PAGE });
  test.ok('ioasCopy', { ...copy, dstIoasId: newIoas(test), dstIova: 0n });
}

export function copySweep(test: Selftest, variant: keyof typeof IOAS_VARIANTS): void {
  const { ioas, domains } = ioasFixture(test, variant);
  const dstIoasId = newIoas(test);
  const last = APERTURE + BUFFER_SIZE - (domains > 0 ? 1n : 2n);
  test.ok('ioasMap', mapAt(ioas, BUFFER, last - APERTURE + 1n, APERTURE));
  for (let srcIova = APERTURE - PAGE; srcIova <= last; srcIova += 511n) {
    const copy = { srcIoasId: ioas, srcIova, dstIoasId, dstIova: APERTURE, length: MOCK_PAGE, flags: 3 };
    if (srcIova < APERTURE || srcIova + MOCK_PAGE - 1n > last) {
      test.refuses('ENOENT', 'ioasCopy', copy);
      continue;
    }
    test.ok('ioasCopy', copy);
    test.ok('ioasUnmap', { ioasId: dstIoasId, iova: APERTURE, length: MOCK_PAGE });
  }
  test.ok('destroy', { id: dstIoasId });
}

export function ioasIovaAlloc(test: Selftest, variant: keyof typeof IOAS_VARIANTS): void {
  const { ioas: ioasId, domains } = ioasFixture(test, variant);
  for (let length = 1n; length !== 2n * PAGE; length++) {
    const map = { ioasId, userVa: BUFFER, length, flags: MAP.ANYWHERE };
    if (domains > 0 && length % MOCK_PAGE !== 0n) {
      test.refuses('EINVAL', 'ioasMap', map);
      continue;
    }
    const { iova } = test.ok('ioasMap', map) as { iova: bigint };
    test.ok('ioasUnmap', { ioasId, iova, length });
  }
}

/** Reads and writes of all lengths around a page's end, and of the whole buffer: which memory each reaches. */
function checkAccessRw(test: Selftest, accessFd: number, iova: bigint, flags: number): void {
  const check = (from: bigint, length: bigint, more: number) => {
    const args = { accessFd, iova: from, length, uptr: DIRTY_BUFFER, flags: flags | more };
    const { pieces } = test.ok('mockRw', args) as { pieces: readonly bigint[] };
    let next = BUFFER + (from - iova);
    for (let piece = 0; piece < pieces.length; piece += 2) {
      test.equal('memory of an access', pieces[piece], next);
      next += pieces[piece + 1] ?? 0n;
    }
    test.equal('bytes of an access', next - BUFFER - (from - iova), length);
  };
  for (let from = iova + PAGE - 50n; from < iova + PAGE + 50n; from++) {
    for (let length = 1n; length < 64n; length++) {
      check(from, length, 0);
      check(from, length, RW.WRITE);
    }
  }
  check(iova, BUFFER_SIZE, 0);
}

export function accessRwUnaligned(test: Selftest, variant: keyof typeof IOAS_VARIANTS): void {
  const { ioas: ioasId, base } = ioasFixture(test, variant);
  const access = test.number('mockCreateAccess', { ioasId, flags: 0 }, 'outAccessFd');
  const iova = base + MOCK_PAGE;
  test.ok('ioasMap', mapAt(ioasId, BUFFER, BUFFER_SIZE, iova));
  checkAccessRw(test, access, iova, 0);
  test.ok('ioasUnmap', { ioasId, iova, length: BUFFER_SIZE });
  test.ok('close', { fd: access });
}

export function forkGone(test: Selftest, variant: keyof typeof IOAS_VARIANTS): void {
  const { ioas: ioasId, domains } = ioasFixture(test, variant);
  const access = test.number('mockCreateAccess', { ioasId, flags: 0 }, 'outAccessFd');
  test.ok('passFd', { to: 'child' });
  test.ok('ioasMap', { fd: 3, ...mapAt(ioasId, BUFFER, BUFFER_SIZE, APERTURE) }, 'child');
  test.ok('exit', { killed: false }, 'child');
  if (domains > 0) {
    mockDomain(test, ioasId);
    checkAccessRw(test, access, APERTURE, 0);
  } else test.refuses('EFAULT', 'mockDomain', { ptId: ioasId });
  test.ok('close', { fd: access });
}

export function domainBasic(test: Selftest, variant: keyof typeof DOMAIN_VARIANTS): void {
  const { ioas: ioasId, hwpts, size, isFile, file } = domainFixture(test, variant);
  if (isFile) {
    const map = { ioasId, start: 0n, flags: MAP.ANYWHERE };
    const { iova } = test.ok('ioasMapFile', { ...map, fileFd: file, length: PAGE }) as { iova: bigint };
    checkMapped(test, hwpts, FILE_BUFFER, iova, PAGE);
    const other = test.number('openFile', { of: 'memory', size }, 'fd');
    test.refuses('EINVAL', 'ioasMapFile', { ...map, fileFd: other, length: size + 1n });
    test.skip('a file that is made shorter');
    return;
  }
  const iova = mapAnywhere(test, ioasId, BUFFER, PAGE);
  checkMapped(test, hwpts, BUFFER, iova, PAGE);
  // Half of it has been unmapped, and then all of it.
  const end = LAST_VA + 1n;
  for (const userVa of [end - size / 2n, end])
    test.refuses('EFAULT', 'ioasMap', { ioasId, userVa, length: size, flags: MAP.ANYWHERE });
}

export function userCopy(test: Selftest, variant: keyof typeof DOMAIN_VARIANTS): void {
  const { ioas, hwpts, isFile, file } = domainFixture(test, variant);
  const memory = isFile ? FILE_BUFFER : BUFFER;
  const map = (ioasId: number): bigint =>
    isFile
      ? (test.ok('ioasMapFile', {
          ioasId,
          fileFd: file,
          start: 0n,
          length: BUFFER_SIZE,
          flags: MAP.ANYWHERE,
        }).iova as bigint)
      : mapAnywhere(test, ioasId, BUFFER, BUFFER_SIZE);
  const pinAndCopy = (srcIoasId: number, srcIova: bigint): number => {
    const pin = { accessFd: access, iova: srcIova, length: BUFFER_SIZE, uptr: memory };
    const id = test.number('mockPin', pin, 'outAccessPagesId');
    const dst = { dstIoasId: ioas, dstIova: APERTURE, length: BUFFER_SIZE, flags: MAP.COPY };
    test.ok('ioasCopy', { srcIoasId, srcIova, ...dst });
    return id;
  };
  const first = newIoas(test);
  const firstIova = map(first);
  const access = test.number('mockCreateAccess', { ioasId: first, flags: 1 }, 'outAccessFd');
  pinAndCopy(first, firstIova);
  checkMapped(test, hwpts, memory, APERTURE, BUFFER_SIZE);
  const second = newIoas(test);
  const secondIova = map(second);
  test.ok('mockReplaceIoas', { accessFd: access, ioasId: second });
  test.ok('ioasUnmap', { ioasId: ioas, iova: APERTURE, length: BUFFER_SIZE });
  test.ok('destroy', { id: first });
  const pages = pinAndCopy(second, secondIova);
  checkMapped(test, hwpts, memory, APERTURE, BUFFER_SIZE);
  test.ok('mockUnpin', { accessFd: access, accessPagesId: pages });
  test.ok('close', { fd: access });
  test.ok('destroy', { id: second });
}

export function setDirtyTracking(test: Selftest, variant: keyof typeof DIRTY_VARIANTS): void {
  const { ioas, idev } = dirtyFixture(test, variant);
  const hwptId = test.number('hwptAlloc', { devId: idev, ptId: ioas, flags: FLAG.DIRTY }, 'outHwptId');
  const { stdev } = mockDomain(test, hwptId);
  for (const flags of [1, 0]) test.ok('hwptSetDirtyTracking', { hwptId, flags });
  test.ok('destroy', { id: stdev });
  test.ok('destroy', { id: hwptId });
}

export function pasidSetDirtyTracking(test: Selftest, variant: keyof typeof DIRTY_VARIANTS): void {
  const { ioas, idev } = dirtyFixture(test, variant);
  const flags = FLAG.PASID | FLAG.DIRTY;
  const hwptId = test.number('hwptAlloc', { devId: idev, ptId: ioas, flags }, 'outHwptId');
  const pasid = 100;
  const first = mockDomain(test, hwptId, DEVICE.PASID);
  test.ok('mockPasidAttach', { stdevId: first.stdev, pasid, ptId: hwptId });
  for (const on of [1, 0]) test.ok('hwptSetDirtyTracking', { hwptId, flags: on });
  test.ok('mockPasidDetach', { stdevId: first.stdev, pasid });
  test.ok('destroy', { id: first.stdev });
  const second = mockDomain(test, newIoas(test), DEVICE.PASID | DEVICE.NO_DIRTY);
  test.refuses('EINVAL', 'mockPasidAttach', { stdevId: second.stdev, pasid, ptId: hwptId });
  test.ok('destroy', { id: second.stdev });
  test.ok('destroy', { id: hwptId });
}

export function deviceDirtyCapability(test: Selftest, variant: keyof typeof DIRTY_VARIANTS): void {
  const { ioas, idev } = dirtyFixture(test, variant);
  const hwptId = test.number('hwptAlloc', { devId: idev, ptId: ioas, flags: 0 }, 'outHwptId');
  const { stdev } = mockDomain(test, hwptId);
  const { outCapabilities } = test.ok('getHwInfo', { devId: idev });
  test.equal('IOMMU_HW_CAP_DIRTY_TRACKING', BigInt(outCapabilities as bigint) & 1n, 1n);
  test.ok('destroy', { id: stdev });
  test.ok('destroy', { id: hwptId });
}

/** Of `bits`, one is set and as many are clear as make up `period`, over and over; `run`: so many are set together. */
function pattern(bits: number, period: number, run: number): readonly bigint[] {
  const words = new Array<bigint>(Math.ceil(bits / 64)).fill(0n);
  for (let start = 0; start < bits; start += period)
    for (let bit = start; bit < start + run && bit < bits; bit++)
      words[bit >> 6] = (words[bit >> 6] ?? 0n) | (1n << BigInt(bit & 63));
  return words;
}

export function getDirtyBitmapNoClear(test: Selftest, variant: keyof typeof DIRTY_VARIANTS): void {
  const { ioas, idev, size, huge } = dirtyFixture(test, variant);
  test.ok('ioasMap', mapAt(ioas, DIRTY_BUFFER, size, APERTURE));
  const hwptId = test.number(
    'hwptAlloc',
    {
      devId: idev,
      ptId: ioas,
      flags: FLAG.DIRTY,
      dataType: DATA_TYPE,
      dataLen: 8,
      data: [huge ? 1n << 32n : 0n],
    },
    'outHwptId',
  );
  test.ok('hwptSetDirtyTracking', { hwptId, flags: 1 });
  const bits = Number(size / MOCK_PAGE);
  const run = huge ? Number(MOCK_HUGE_PAGE / MOCK_PAGE) : 1;
  const range = { hwptId, iova: APERTURE, length: size, pageSize: MOCK_PAGE };
  const expected = pattern(bits, 2 * run, run);
  // The bitmap at three addresses, of which the model knows one.
  for (let time = 0; time < 3; time++) {
    const dirtied = test.ok('mockDirty', { ...range, uptr: BUFFER, data: pattern(bits, 2 * run, 1) });
    test.equal('dirtied', dirtied.outNrDirty, BigInt(Math.floor(bits / (2 * run)) || 1));
    for (let reading = 0; reading < 2; reading++) {
      const { data } = test.ok('hwptGetDirtyBitmap', { ...range, flags: NO_CLEAR }) as {
        data: readonly bigint[];
      };
      test.equal('bitmap', shown(data, expected.length), shown(expected, expected.length));
    }
  }
  test.ok('destroy', { id: hwptId });
}

function shown(words: readonly bigint[], length: number): string {
  if (words.length > length) throw new AssertionOfSelftest(`${words.length} words of a bitmap of ${length}`);
  return Array.from({ length }, (_, at) => (words[at] ?? 0n).toString(16)).join();
}

/** Variants of `vfio_compat_mock_domain`: the type of IOMMU. */
export const COMPAT_VARIANTS = { Ver1v2: 3, Ver1v0: 1 } as const;

function compatFixture(test: Selftest, variant: keyof typeof COMPAT_VARIANTS): number {
  const ioasId = newIoas(test);
  mockDomain(test, ioasId);
  test.ok('vfioIoas', { ioasId, op: 1 });
  test.ok('compatSetIommu', { type: COMPAT_VARIANTS[variant] });
  return ioasId;
}

export function optionHugePages(test: Selftest, variant: keyof typeof COMPAT_VARIANTS): void {
  const objectId = compatFixture(test, variant);
  const args = { optionId: OPTION.HUGE_PAGES, op: OPTION.GET, val64: 3n, objectId };
  test.equal('HUGE_PAGES', test.ok('option', args).val64, variant === 'Ver1v0' ? 0n : 1n);
}

export function hugeMap(test: Selftest, variant: keyof typeof COMPAT_VARIANTS): void {
  compatFixture(test, variant);
  const size = 2n * HUGE_PAGE;
  const parts = 16;
  test.ok('compatMapDma', { flags: 3, vaddr: DIRTY_BUFFER, iova: APERTURE, length: size });
  // Any order will do.
  for (let i = 0; i < parts; i++) {
    const length = size / BigInt(parts);
    const unmap = { flags: 0, iova: APERTURE + BigInt((i * 7) % parts) * length, length };
    if (variant === 'Ver1v0') test.ok('vfioUnmapDma', unmap);
    else test.refuses('ENOENT', 'vfioUnmapDma', unmap);
  }
}
