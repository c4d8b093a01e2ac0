import type { Call } from '../../../model/call.ts';
import { HWPT_ALLOC, IOAS_MAP, ULONG_MAX } from '../../../spec/iommufd/constants.ts';
import { MOCK_ACCESS, MOCK_ACCESS_CREATE, MOCK_PAGES } from '../../../spec/iommufd/selftest.ts';
import { oneIn, pick, pickAny } from '../choice.ts';
import { PAGE } from '../values.ts';
import { fdHandle, type Handle, objectAt } from '../view.ts';
import type { MockView } from './view.ts';

const { READABLE, WRITEABLE, FIXED_IOVA } = IOAS_MAP;

/** Pages next to each other above where tables begin, at times in halves. */
export function map(on: MockView): Call | null {
  const ioasId = on.any(on.here.ioases);
  const { start } = on.view.world.platform.userMemory[0] as { start: bigint };
  if (ioasId === null) return null;
  const at = BigInt(on.draw(8)) * PAGE;
  const half = oneIn(8, on.draw) ? MOCK_PAGES.SIZE : 0n;
  return on.call('ioasMap', {
    ioasId,
    flags: FIXED_IOVA | READABLE | (oneIn(6, on.draw) ? 0 : WRITEABLE),
    userVa: start + at + half,
    length: BigInt(1 + on.draw(3)) * PAGE - half,
    iova: MOCK_PAGES.FIRST + at + half,
  });
}

export function createAccess(on: MockView): Call | null {
  const ioasId = on.any(on.here.ioases);
  if (ioasId === null) return null;
  const flags = oneIn(24, on.draw) ? 2 : oneIn(3, on.draw) ? 0 : MOCK_ACCESS_CREATE.NEEDS_PIN_PAGES;
  return on.call('mockCreateAccess', { ioasId, flags });
}

/** Nothing, and what one operation may be about, or a byte more. */
const ODD_LENGTHS: readonly bigint[] = [0n, 16n << 20n, (16n << 20n) + 1n];

function fdOfAccess(on: MockView): Handle | null {
  const files: readonly { readonly fd: number }[] = oneIn(20, on.draw)
    ? on.filesOf('iommufd')
    : on.accesses();
  const file = pickAny(files, on.draw);
  return file === undefined ? null : fdHandle(on.view, file.fd);
}

export function pin(on: MockView): Call | null {
  const accessFd = fdOfAccess(on);
  if (accessFd === null) return createAccess(on);
  const { iova, length: some } = on.range();
  const length = oneIn(24, on.draw) ? pick(ODD_LENGTHS, on.draw) : some;
  const uptr = oneIn(3, on.draw) ? 0n : on.uptr(iova);
  const flags = oneIn(3, on.draw) ? MOCK_ACCESS.WRITE : oneIn(20, on.draw) ? 2 : 0;
  return on.call('mockPin', { accessFd, iova, length, uptr, flags });
}

export function unpin(on: MockView): Call | null {
  const accessFd = fdOfAccess(on);
  if (accessFd === null) return null;
  const ids = on.accesses().flatMap(({ of }) => objectAt(on.here, of.id, 'access').pins);
  const accessPagesId = pickAny(ids, on.draw)?.id ?? on.draw(3);
  return on.call('mockUnpin', { accessFd, accessPagesId });
}

export function readWrite(on: MockView): Call | null {
  const accessFd = fdOfAccess(on);
  if (accessFd === null) return createAccess(on);
  const { start } = on.view.world.platform.userMemory[0] as { start: bigint };
  const { iova, length: some } = on.range();
  const length = oneIn(24, on.draw) ? pick(ODD_LENGTHS, on.draw) : some;
  const write = oneIn(2, on.draw) ? MOCK_ACCESS.WRITE : 0;
  const flags = write | (oneIn(4, on.draw) ? MOCK_ACCESS.SLOW_PATH : oneIn(20, on.draw) ? 2 : 0);
  return on.call('mockRw', {
    accessFd,
    iova: iova + BigInt(on.draw(3)),
    length,
    uptr: oneIn(12, on.draw) ? 0n : start,
    flags,
  });
}

export function replaceIoas(on: MockView): Call | null {
  const accessFd = fdOfAccess(on);
  const ioasId = on.any(on.here.ioases);
  if (accessFd === null || ioasId === null) return null;
  return on.call('mockReplaceIoas', { accessFd, ioasId });
}

export function checkMap(on: MockView): Call | null {
  const hwptId = on.any(on.here.pagings);
  if (hwptId === null) return null;
  const { iova, length } = on.range();
  return on.call('mockCheckMap', { hwptId, iova, length, uptr: on.uptr(iova) });
}

export function checkRefs(on: MockView): Call {
  const { start } = on.view.world.platform.userMemory[0] as { start: bigint };
  const uptr = start + BigInt(on.draw(8)) * PAGE + (oneIn(12, on.draw) ? MOCK_PAGES.SIZE : 0n);
  return on.call('mockCheckRefs', { uptr, length: BigInt(1 + on.draw(3)) * PAGE, refs: on.draw(3) });
}

/** Of a domain that tracks writes: switches it on, writes, reads the flags. */
export function dirty(on: MockView): Call | null {
  const { here } = on;
  const tracking = here.pagings.filter((id) => objectAt(here, id, 'hwptPaging').dirty !== undefined);
  const id = pickAny(tracking, on.draw);
  if (id === undefined) {
    const devId = on.any(here.devices);
    const ptId = on.any(here.ioases);
    if (devId === null || ptId === null) return null;
    return on.call('hwptAlloc', { devId, ptId, flags: HWPT_ALLOC.DIRTY_TRACKING });
  }
  const hwptId = on.handle(id);
  if (objectAt(here, id, 'hwptPaging').dirty?.tracking !== true || oneIn(8, on.draw))
    return on.call('hwptSetDirtyTracking', { hwptId, flags: oneIn(6, on.draw) ? 0 : 1 });
  const range = { hwptId, ...mappedRange(on, id), pageSize: MOCK_PAGES.SIZE };
  if (oneIn(2, on.draw)) return on.call('hwptGetDirtyBitmap', { ...range, flags: oneIn(3, on.draw) ? 1 : 0 });
  const { start: uptr } = on.view.world.platform.userMemory[0] as { start: bigint };
  const data = [BigInt(1 + on.draw(15)) << BigInt(on.draw(3))];
  if (!oneIn(6, on.draw)) return on.call('mockDirty', { ...range, uptr, data });
  const odd = pick(
    [{ uptr: 0n }, { uptr: PAGE }, { pageSize: 0n }, { iova: range.iova + 1n }, { length: 0n }],
    on.draw,
  );
  return on.call('mockDirty', { ...range, uptr, data, ...odd });
}

/** An area behind a domain or a part of it, mostly; else any range. */
function mappedRange(on: MockView, id: number): { readonly iova: bigint; readonly length: bigint } {
  const { ioas } = objectAt(on.here, id, 'hwptPaging');
  const area = pickAny(objectAt(on.here, ioas, 'ioas').iopt.areas, on.draw);
  if (area === undefined || oneIn(6, on.draw)) return on.range();
  const length = area.last - area.start + 1n;
  const isPart = length > MOCK_PAGES.SIZE && oneIn(3, on.draw);
  return { iova: area.start, length: isPart ? MOCK_PAGES.SIZE : length };
}

/** Of whole pages, of a part of one, of none, and of more than there may be. */
const DMABUF_BYTES: readonly number[] = [0, 1, 0x1001, 0x20_0000, 0x20_0001];

export function dmabuf(on: MockView): Call | null {
  const file = pickAny(on.filesOf('dmabuf'), on.draw);
  const ioasId = on.any(on.here.ioases);
  if (file === undefined || ioasId === null)
    return on.call('mockDmabuf', { length: oneIn(4, on.draw) ? pick(DMABUF_BYTES, on.draw) : 0x2000 });
  const fileFd = fdHandle(on.view, file.fd);
  if (oneIn(3, on.draw)) {
    const other = oneIn(12, on.draw) ? (fdOfAccess(on) ?? 99) : fileFd;
    return on.call('mockRevoke', { dmabufFd: other, revoked: oneIn(3, on.draw) ? 0 : 1 });
  }
  return on.call('ioasMapFile', {
    ioasId,
    flags: FIXED_IOVA | READABLE | WRITEABLE,
    fileFd,
    length: BigInt(1 + on.draw(2)) * PAGE,
    iova: MOCK_PAGES.FIRST + 0x10_0000n + BigInt(on.draw(2)) * PAGE,
  });
}

export function other(on: MockView): Call | null {
  const ioasId = on.any(on.here.ioases);
  if (ioasId === null || oneIn(2, on.draw))
    return on.call('mockMemoryLimit', { limit: pick([4, 12, 65_536], on.draw) });
  // Mostly where nothing is mapped; at times on what is, of nothing, or on beyond the end.
  const free = MOCK_PAGES.FIRST + 0x20_0000n + BigInt(on.draw(2)) * PAGE;
  const start = oneIn(6, on.draw) ? on.range().iova : free;
  const length = oneIn(10, on.draw) ? pick([0n, ULONG_MAX], on.draw) : PAGE;
  return on.call('mockReserve', { ioasId, start, length });
}
