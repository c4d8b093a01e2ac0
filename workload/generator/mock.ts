import type { ArgValue, Call } from '../../model/call.ts';
import type { CommandName } from '../../model/world/command.ts';
import { FIRST_FD, type OpenFile } from '../../model/world/process.ts';
import { HWPT_ALLOC, IOAS_MAP } from '../../spec/iommufd/constants.ts';
import {
  MOCK_ACCESS,
  MOCK_ACCESS_CREATE,
  MOCK_BAD_PASID,
  MOCK_CACHE_DEFAULT,
  MOCK_DEVICE,
  MOCK_ENTRIES,
  MOCK_PAGES,
  SELFTEST,
} from '../../spec/iommufd/selftest.ts';
import { type Draw, oneIn, pick, pickAny } from './choice.ts';
import type { UapiName } from './move.ts';
import { MOVES } from './moves.ts';
import { PAGE } from './values.ts';
import { fdHandle, type Handle, type Objects, objectAt, objectHandle, type View } from './view.ts';

/** What a process does that tests the kernel with mock devices; null: something else, from the general moves. */
export function mockWork(view: View, draw: Draw): Call | null {
  const { here } = view;
  if (oneIn(12, draw)) return null;
  if (here === null || here.fd === null) return general('openIommufd', view, draw);
  const on = new Mocking(view, here, draw);
  return (oneIn(10, draw) ? null : on.prepare()) ?? on.run();
}

function general(name: UapiName, view: View, draw: Draw): Call | null {
  const move = MOVES[name];
  return move.weight(view) === 0 ? null : move.make(view, draw);
}

/** Mock devices that a process has at a time, at most. */
const MOST_DEVICES = 3;

const PASIDS: readonly number[] = [0, 1, MOCK_BAD_PASID, MOCK_BAD_PASID];

const PAGING_FLAGS: readonly number[] = [
  HWPT_ALLOC.NEST_PARENT,
  HWPT_ALLOC.NEST_PARENT,
  HWPT_ALLOC.DIRTY_TRACKING,
  HWPT_ALLOC.PASID,
  0,
];

const { READABLE, WRITEABLE, FIXED_IOVA } = IOAS_MAP;

/** What IOVAs of an area are asked for: the whole, some pages, or half of one. */
interface Range {
  readonly iova: bigint;
  readonly length: bigint;
}

/** One call of a process with mock devices. */
class Mocking {
  private readonly view: View;
  private readonly here: Objects;
  private readonly draw: Draw;

  constructor(view: View, here: Objects, draw: Draw) {
    this.view = view;
    this.here = here;
    this.draw = draw;
  }

  /** The next of the things that there must be before anything else makes sense. */
  prepare(): Call | null {
    const { here } = this;
    if (here.ioases.length === 0) return general('ioasAlloc', this.view, this.draw);
    if (here.devices.length === 0) return this.domain();
    if (this.areas().length === 0) return this.map();
    if (here.parents.length === 0) return this.paging();
    if (this.accesses().length === 0) return this.createAccess();
    if (oneIn(2, this.draw)) return null;
    if (here.viommus.length === 0) return this.viommu();
    if (here.vdevices.length === 0) return this.vdevice();
    if (here.veventqs.length === 0) return this.veventq();
    return here.nesteds.length === 0 ? this.nested() : null;
  }

  run(): Call | null {
    switch (this.draw(40)) {
      case 0:
        return this.here.devices.length < MOST_DEVICES ? this.domain() : this.replace();
      case 1:
      case 2:
      case 3:
        return this.replace();
      case 4:
      case 5:
        return this.paging();
      case 6:
      case 7:
        return this.nested();
      case 8:
        return this.viommu();
      case 9:
        return this.vdevice();
      case 10:
        return this.queue();
      case 11:
        return oneIn(3, this.draw) ? general('read', this.view, this.draw) : this.event();
      case 12:
      case 13:
        return this.invalidate();
      case 14:
      case 15:
      case 16:
        return this.map();
      case 17:
      case 18:
        return general(pick(['ioasUnmap', 'ioasCopy', 'ioasIovaRanges'], this.draw), this.view, this.draw);
      case 19:
        return general(pick(['ioasAlloc', 'ioasAllowIovas', 'option'], this.draw), this.view, this.draw);
      case 20:
      case 21:
        return general(pick(['destroy', 'destroy', 'close'], this.draw), this.view, this.draw);
      case 22:
        return this.createAccess();
      case 23:
      case 24:
      case 25:
        return this.pin();
      case 26:
        return this.unpin();
      case 27:
        return this.readWrite();
      case 28:
        return this.replaceIoas();
      case 29:
        return this.checkMap();
      case 30:
        return this.checkRefs();
      case 31:
      case 32:
        return this.dirty();
      case 33:
      case 34:
        return this.pageFault();
      case 35:
      case 36:
        return this.pasid();
      case 37:
        return this.dmabuf();
      case 38:
        return this.check();
      default:
        return this.other();
    }
  }

  private call(command: CommandName, args: Readonly<Record<string, ArgValue>>): Call {
    return { actor: this.view.actor, command, args: { fd: this.fd, ...args } };
  }

  private get fd(): Handle {
    return fdHandle(this.view, this.here.fd as number);
  }

  private handle(id: number): Handle {
    return objectHandle(this.view, this.here, id);
  }

  private any(ids: readonly number[]): Handle | null {
    const id = pickAny(ids, this.draw);
    return id === undefined ? null : this.handle(id);
  }

  private ids(type: string): readonly number[] {
    return this.here.table.flatMap((slot, id) => (slot?.type === type ? [id] : []));
  }

  private areas() {
    const { here } = this;
    return here.ioases.flatMap((ioas) =>
      objectAt(here, ioas, 'ioas').iopt.areas.map((area) => ({ ioas, area })),
    );
  }

  private filesOf<K extends OpenFile['kind']>(kind: K) {
    const { world, process } = this.view;
    return process.fds.flatMap((index, at) => {
      const of = index === null ? undefined : world.files[index]?.of;
      return of?.kind === kind
        ? [{ fd: at + FIRST_FD, of: of as Extract<OpenFile, { readonly kind: K }> }]
        : [];
    });
  }

  private accesses() {
    return this.filesOf('mockAccess').filter(({ of }) => of.ctx === this.here.ctx);
  }

  private domain(): Call | null {
    const { here } = this;
    const ptId = this.any(oneIn(3, this.draw) ? [...here.pagings, ...here.nesteds] : here.ioases);
    if (ptId === null) return null;
    if (oneIn(2, this.draw)) return this.call('mockDomain', { ptId });
    const flags = pick([MOCK_DEVICE.NO_DIRTY, MOCK_DEVICE.PASID, MOCK_DEVICE.PASID, 2], this.draw);
    return this.call('mockDomainFlags', { ptId, devFlags: flags });
  }

  private replace(): Call | null {
    const { here } = this;
    const stdevId = this.any(this.ids('selftest'));
    const kinds = [here.ioases, here.pagings, here.nesteds, here.nesteds];
    const ptId = this.any(pick(kinds, this.draw));
    return stdevId === null || ptId === null ? null : this.call('mockReplace', { stdevId, ptId });
  }

  private paging(): Call | null {
    const devId = this.any(this.here.devices);
    const ptId = this.any(this.here.ioases);
    const faultId = this.any(this.here.faults);
    if (devId === null || ptId === null) return null;
    const flags = pick(PAGING_FLAGS, this.draw);
    const args = { devId, ptId, flags };
    if (flags !== HWPT_ALLOC.NEST_PARENT && faultId !== null && oneIn(3, this.draw))
      return this.call('hwptAlloc', { ...args, flags: flags | HWPT_ALLOC.FAULT_ID_VALID, faultId });
    if (!oneIn(6, this.draw)) return this.call('hwptAlloc', args);
    const huge = 1n << 32n;
    return this.call('hwptAlloc', { ...args, dataType: SELFTEST.HWPT_DATA, dataLen: 8, data: [huge] });
  }

  /** On a vIOMMU, or on a nesting parent itself. */
  private nested(): Call | null {
    const { here } = this;
    const devId = this.any(here.devices);
    const ptId = this.any(oneIn(3, this.draw) || here.viommus.length === 0 ? here.parents : here.viommus);
    const faultId = this.any(here.faults);
    if (devId === null || ptId === null) return null;
    const pasid = oneIn(2, this.draw) ? HWPT_ALLOC.PASID : 0;
    const args = {
      devId,
      ptId,
      dataType: SELFTEST.HWPT_DATA,
      dataLen: oneIn(8, this.draw) ? 3 : 8,
      data: [BigInt(1 + this.draw(2))],
    };
    return faultId === null || oneIn(3, this.draw)
      ? this.call('hwptAlloc', { ...args, flags: pasid })
      : this.call('hwptAlloc', { ...args, flags: pasid | HWPT_ALLOC.FAULT_ID_VALID, faultId });
  }

  private viommu(): Call | null {
    const devId = this.any(this.here.devices);
    const hwptId = this.any(oneIn(8, this.draw) ? this.here.pagings : this.here.parents);
    if (devId === null || hwptId === null) return null;
    return this.call('viommuAlloc', { type: SELFTEST.VIOMMU, devId, hwptId });
  }

  private vdevice(): Call | null {
    const viommuId = this.any(this.here.viommus);
    const devId = this.any(this.here.devices);
    if (viommuId === null || devId === null) return this.viommu();
    return this.call('vdeviceAlloc', { viommuId, devId, virtId: BigInt(this.draw(3)) });
  }

  private queue(): Call | null {
    const viommuId = this.any(this.here.viommus);
    if (viommuId === null) return this.viommu();
    const { iova, length } = this.range();
    return this.call('hwQueueAlloc', {
      viommuId,
      type: SELFTEST.HW_QUEUE,
      index: this.draw(3),
      nestingParentIova: iova,
      length,
    });
  }

  private veventq(): Call | null {
    const viommuId = this.any(this.here.viommus);
    if (viommuId === null) return this.viommu();
    return this.call('veventqAlloc', { viommuId, type: SELFTEST.VEVENTQ, veventqDepth: 1 + this.draw(3) });
  }

  private event(): Call | null {
    const devId = this.any(this.here.devices);
    return devId === null ? null : this.call('mockEvent', { devId });
  }

  private invalidate(): Call | null {
    const { here } = this;
    const onViommu = here.viommus.length > 0 && (here.nesteds.length === 0 || oneIn(2, this.draw));
    const hwptId = this.any(onViommu ? here.viommus : here.nesteds);
    if (hwptId === null) return this.nested();
    const flags = BigInt(oneIn(3, this.draw) ? 1 : oneIn(8, this.draw) ? 2 : 0);
    const entry = BigInt(this.draw(MOCK_ENTRIES + 1));
    const data = onViommu ? [flags | (BigInt(this.draw(3)) << 32n), entry] : [flags | (entry << 32n)];
    return this.call('hwptInvalidate', {
      hwptId,
      dataType: SELFTEST.HWPT_INVALIDATE,
      entryLen: onViommu ? 12 : 8,
      entryNum: 1,
      data,
    });
  }

  /** Pages next to each other above where tables begin, at times in halves. */
  private map(): Call | null {
    const ioasId = this.any(this.here.ioases);
    const { start } = this.view.world.platform.userMemory[0] as { start: bigint };
    if (ioasId === null) return null;
    const at = BigInt(this.draw(8)) * PAGE;
    const half = oneIn(8, this.draw) ? MOCK_PAGES.SIZE : 0n;
    return this.call('ioasMap', {
      ioasId,
      flags: FIXED_IOVA | READABLE | (oneIn(6, this.draw) ? 0 : WRITEABLE),
      userVa: start + at + half,
      length: BigInt(1 + this.draw(3)) * PAGE - half,
      iova: MOCK_PAGES.FIRST + at + half,
    });
  }

  private range(): Range {
    const found = pickAny(this.areas(), this.draw);
    if (found === undefined || oneIn(12, this.draw)) {
      const iova = MOCK_PAGES.FIRST + BigInt(this.draw(16)) * MOCK_PAGES.SIZE;
      return { iova, length: BigInt(this.draw(5)) * MOCK_PAGES.SIZE };
    }
    const { start, last } = found.area;
    const pages = Number((last - start) / PAGE) + 1;
    const first = this.draw(pages);
    const count = 1 + this.draw(pages - first + (oneIn(6, this.draw) ? 1 : 0));
    const short = oneIn(8, this.draw) ? MOCK_PAGES.SIZE : 0n;
    return { iova: start + BigInt(first) * PAGE, length: BigInt(count) * PAGE - short };
  }

  /** The user address behind an IOVA, or another. */
  private uptr(iova: bigint): bigint {
    const found = this.areas().find(({ area }) => area.start <= iova && iova <= area.last);
    const va = found === undefined ? 0n : found.area.va + (iova - found.area.start);
    return oneIn(10, this.draw) ? va + PAGE : va;
  }

  private createAccess(): Call | null {
    const ioasId = this.any(this.here.ioases);
    if (ioasId === null) return null;
    const flags = oneIn(3, this.draw) ? 0 : MOCK_ACCESS_CREATE.NEEDS_PIN_PAGES;
    return this.call('mockCreateAccess', { ioasId, flags });
  }

  private accessFd(): Handle | null {
    const files: readonly { readonly fd: number }[] = oneIn(20, this.draw)
      ? this.filesOf('iommufd')
      : this.accesses();
    const file = pickAny(files, this.draw);
    return file === undefined ? null : fdHandle(this.view, file.fd);
  }

  private pin(): Call | null {
    const accessFd = this.accessFd();
    if (accessFd === null) return this.createAccess();
    const { iova, length } = this.range();
    const uptr = oneIn(3, this.draw) ? 0n : this.uptr(iova);
    const flags = oneIn(3, this.draw) ? MOCK_ACCESS.WRITE : oneIn(20, this.draw) ? 2 : 0;
    return this.call('mockPin', { accessFd, iova, length, uptr, flags });
  }

  private unpin(): Call | null {
    const accessFd = this.accessFd();
    if (accessFd === null) return null;
    const ids = this.accesses().flatMap(({ of }) => objectAt(this.here, of.id, 'access').pins);
    const accessPagesId = pickAny(ids, this.draw)?.id ?? this.draw(3);
    return this.call('mockUnpin', { accessFd, accessPagesId });
  }

  private readWrite(): Call | null {
    const accessFd = this.accessFd();
    if (accessFd === null) return this.createAccess();
    const { start } = this.view.world.platform.userMemory[0] as { start: bigint };
    const { iova, length } = this.range();
    const flags = oneIn(2, this.draw) ? MOCK_ACCESS.WRITE : 0;
    return this.call('mockRw', {
      accessFd,
      iova: iova + BigInt(this.draw(3)),
      length,
      uptr: oneIn(12, this.draw) ? 0n : start,
      flags,
    });
  }

  private replaceIoas(): Call | null {
    const accessFd = this.accessFd();
    const ioasId = this.any(this.here.ioases);
    if (accessFd === null || ioasId === null) return null;
    return this.call('mockReplaceIoas', { accessFd, ioasId });
  }

  private checkMap(): Call | null {
    const hwptId = this.any(this.here.pagings);
    if (hwptId === null) return null;
    const { iova, length } = this.range();
    return this.call('mockCheckMap', { hwptId, iova, length, uptr: this.uptr(iova) });
  }

  private checkRefs(): Call {
    const { start } = this.view.world.platform.userMemory[0] as { start: bigint };
    const uptr = start + BigInt(this.draw(8)) * PAGE;
    return this.call('mockCheckRefs', { uptr, length: PAGE, refs: this.draw(3) });
  }

  /** Of a domain that tracks writes: switches it on, writes, reads the flags. */
  private dirty(): Call | null {
    const { here } = this;
    const tracking = here.pagings.filter((id) => objectAt(here, id, 'hwptPaging').dirty !== undefined);
    const id = pickAny(tracking, this.draw);
    if (id === undefined) {
      const devId = this.any(here.devices);
      const ptId = this.any(here.ioases);
      if (devId === null || ptId === null) return null;
      return this.call('hwptAlloc', { devId, ptId, flags: HWPT_ALLOC.DIRTY_TRACKING });
    }
    const hwptId = this.handle(id);
    if (objectAt(here, id, 'hwptPaging').dirty?.tracking !== true || oneIn(8, this.draw))
      return this.call('hwptSetDirtyTracking', { hwptId, flags: oneIn(6, this.draw) ? 0 : 1 });
    const { iova, length } = this.range();
    const range = { hwptId, iova, length, pageSize: MOCK_PAGES.SIZE };
    if (oneIn(2, this.draw))
      return this.call('hwptGetDirtyBitmap', { ...range, flags: oneIn(3, this.draw) ? 1 : 0 });
    const { start: uptr } = this.view.world.platform.userMemory[0] as { start: bigint };
    return this.call('mockDirty', { ...range, uptr, data: [BigInt(1 + this.draw(15))] });
  }

  private pageFault(): Call | null {
    const devId = this.any(this.here.devices);
    if (devId === null) return null;
    if (this.here.faults.length === 0) return this.call('faultQueueAlloc', {});
    const queue = pickAny(this.view.faultFds, this.draw);
    if (queue !== undefined && oneIn(3, this.draw)) {
      const fd = fdHandle(this.view, queue);
      if (oneIn(2, this.draw)) return { ...this.call('read', {}), args: { fd, count: 400 } };
      const data = [BigInt(1 + this.draw(2)) | (BigInt(this.draw(3)) << 32n)];
      return { ...this.call('write', {}), args: { fd, count: 8, data } };
    }
    return this.call('mockPageFault', {
      devId,
      pasid: pick(PASIDS, this.draw),
      grpid: this.draw(3),
      perm: 1 + this.draw(3),
      addr: BigInt(this.draw(4)) * PAGE,
    });
  }

  private pasid(): Call | null {
    const { here } = this;
    const stdevId = this.any(this.ids('selftest'));
    if (stdevId === null) return null;
    const pasid = pick(PASIDS, this.draw);
    const ptId = this.any(pick([here.ioases, here.pagings, here.nesteds, here.nesteds], this.draw));
    switch (this.draw(4)) {
      case 0:
        return this.call('mockPasidDetach', { stdevId, pasid });
      case 1:
        return ptId === null ? null : this.call('mockPasidReplace', { stdevId, pasid, ptId });
      case 2:
        return this.call('mockPasidCheck', { stdevId, pasid, hwptId: ptId ?? 0 });
      default:
        return ptId === null ? null : this.call('mockPasidAttach', { stdevId, pasid, ptId });
    }
  }

  private dmabuf(): Call | null {
    const file = pickAny(this.filesOf('dmabuf'), this.draw);
    const ioasId = this.any(this.here.ioases);
    if (file === undefined || ioasId === null) return this.call('mockDmabuf', { length: 0x2000 });
    const fileFd = fdHandle(this.view, file.fd);
    if (oneIn(3, this.draw))
      return this.call('mockRevoke', { dmabufFd: fileFd, revoked: oneIn(3, this.draw) ? 0 : 1 });
    return this.call('ioasMapFile', {
      ioasId,
      flags: FIXED_IOVA | READABLE | WRITEABLE,
      fileFd,
      length: BigInt(1 + this.draw(2)) * PAGE,
      iova: MOCK_PAGES.FIRST + 0x10_0000n + BigInt(this.draw(2)) * PAGE,
    });
  }

  private check(): Call | null {
    const hwptId = this.any(this.here.nesteds);
    const devId = this.any(this.here.devices);
    const entry = this.draw(MOCK_ENTRIES + 1);
    if (hwptId !== null && oneIn(2, this.draw))
      return this.call('mockCheckIotlb', { hwptId, entry, iotlb: this.draw(3) });
    if (devId === null) return null;
    return this.call('mockCheckCache', { devId, entry, cache: oneIn(2, this.draw) ? 0 : MOCK_CACHE_DEFAULT });
  }

  private other(): Call | null {
    const ioasId = this.any(this.here.ioases);
    if (ioasId === null || oneIn(2, this.draw))
      return this.call('mockMemoryLimit', { limit: pick([4, 12, 65_536], this.draw) });
    const start = MOCK_PAGES.FIRST + 0x20_0000n + BigInt(this.draw(2)) * PAGE;
    return this.call('mockReserve', { ioasId, start, length: PAGE });
  }
}
