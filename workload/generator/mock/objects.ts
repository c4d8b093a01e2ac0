import type { Call } from '../../../model/call.ts';
import { HWPT_ALLOC } from '../../../spec/iommufd/constants.ts';
import {
  MOCK_BAD_PASID,
  MOCK_CACHE_DEFAULT,
  MOCK_DEVICE,
  MOCK_ENTRIES,
  SELFTEST,
} from '../../../spec/iommufd/selftest.ts';
import { oneIn, pick, pickAny } from '../choice.ts';
import { PAGE } from '../values.ts';
import { fdHandle } from '../view.ts';
import type { MockView } from './view.ts';

/** Structs of an invalidation: of a nested domain, and of a vIOMMU. */
const NESTED_BYTES = 8;
const VIOMMU_BYTES = 12;

const PASIDS: readonly number[] = [0, 1, MOCK_BAD_PASID, MOCK_BAD_PASID];

const PAGING_FLAGS: readonly number[] = [
  HWPT_ALLOC.NEST_PARENT,
  HWPT_ALLOC.NEST_PARENT,
  HWPT_ALLOC.DIRTY_TRACKING,
  HWPT_ALLOC.PASID,
  0,
];

export function domain(on: MockView): Call | null {
  const { here } = on;
  const ptId = on.any(oneIn(3, on.draw) ? [...here.pagings, ...here.nesteds] : here.ioases);
  if (ptId === null) return null;
  if (oneIn(2, on.draw)) return on.call('mockDomain', { ptId });
  const flags = pick([MOCK_DEVICE.NO_DIRTY, MOCK_DEVICE.PASID, MOCK_DEVICE.PASID, 2], on.draw);
  return on.call('mockDomainFlags', { ptId, devFlags: flags });
}

export function replace(on: MockView): Call | null {
  const { here } = on;
  const stdevId = on.any(on.ids('selftest'));
  const kinds = [here.ioases, here.pagings, here.nesteds, here.nesteds];
  const ptId = on.any(pick(kinds, on.draw));
  return stdevId === null || ptId === null ? null : on.call('mockReplace', { stdevId, ptId });
}

export function paging(on: MockView): Call | null {
  const devId = on.any(on.here.devices);
  const ptId = on.any(on.here.ioases);
  const faultId = on.any(on.here.faults);
  if (devId === null || ptId === null) return null;
  const flags = pick(PAGING_FLAGS, on.draw);
  const args = { devId, ptId, flags };
  if (flags !== HWPT_ALLOC.NEST_PARENT && faultId !== null && oneIn(3, on.draw))
    return on.call('hwptAlloc', { ...args, flags: flags | HWPT_ALLOC.FAULT_ID_VALID, faultId });
  if (!oneIn(6, on.draw)) return on.call('hwptAlloc', args);
  const huge = 1n << 32n;
  return on.call('hwptAlloc', { ...args, dataType: SELFTEST.HWPT_DATA, dataLen: 8, data: [huge] });
}

/** On a vIOMMU, or on a nesting parent itself. */
export function nested(on: MockView): Call | null {
  const { here } = on;
  const devId = on.any(here.devices);
  const ptId = on.any(oneIn(3, on.draw) || here.viommus.length === 0 ? here.parents : here.viommus);
  const faultId = on.any(here.faults);
  if (devId === null || ptId === null) return null;
  const pasid = oneIn(2, on.draw) ? HWPT_ALLOC.PASID : 0;
  const args = {
    devId,
    ptId,
    dataType: SELFTEST.HWPT_DATA,
    dataLen: oneIn(8, on.draw) ? 3 : 8,
    data: [BigInt(1 + on.draw(2))],
  };
  return faultId === null || oneIn(3, on.draw)
    ? on.call('hwptAlloc', { ...args, flags: pasid })
    : on.call('hwptAlloc', { ...args, flags: pasid | HWPT_ALLOC.FAULT_ID_VALID, faultId });
}

export function viommu(on: MockView): Call | null {
  const devId = on.any(on.here.devices);
  const hwptId = on.any(oneIn(8, on.draw) ? on.here.pagings : on.here.parents);
  if (devId === null || hwptId === null) return null;
  return on.call('viommuAlloc', { type: SELFTEST.VIOMMU, devId, hwptId });
}

export function vdevice(on: MockView): Call | null {
  const viommuId = on.any(on.here.viommus);
  const devId = on.any(on.here.devices);
  if (viommuId === null || devId === null) return viommu(on);
  return on.call('vdeviceAlloc', { viommuId, devId, virtId: BigInt(on.draw(3)) });
}

export function queue(on: MockView): Call | null {
  const viommuId = on.any(on.here.viommus);
  if (viommuId === null) return viommu(on);
  const { iova, length } = on.range();
  return on.call('hwQueueAlloc', {
    viommuId,
    type: SELFTEST.HW_QUEUE,
    index: on.draw(3),
    nestingParentIova: iova,
    length,
  });
}

export function veventq(on: MockView): Call | null {
  const viommuId = on.any(on.here.viommus);
  if (viommuId === null) return viommu(on);
  return on.call('veventqAlloc', { viommuId, type: SELFTEST.VEVENTQ, veventqDepth: 1 + on.draw(3) });
}

export function event(on: MockView): Call | null {
  const devId = on.any(on.here.devices);
  return devId === null ? null : on.call('mockEvent', { devId });
}

export function invalidate(on: MockView): Call | null {
  const { here } = on;
  const onViommu = here.viommus.length > 0 && (here.nesteds.length === 0 || oneIn(2, on.draw));
  const hwptId = on.any(onViommu ? here.viommus : here.nesteds);
  if (hwptId === null) return nested(on);
  const known = onViommu ? VIOMMU_BYTES : NESTED_BYTES;
  const entryLen = oneIn(8, on.draw) ? pick([4, 8, 12, 16], on.draw) : known;
  const entryNum = oneIn(3, on.draw) ? on.draw(4) : 1;
  const fields = Array.from({ length: entryNum }, () => {
    const flags = oneIn(3, on.draw) ? 1 : oneIn(8, on.draw) ? 2 : 0;
    const entry = on.draw(MOCK_ENTRIES + 1);
    const request = onViommu ? [flags, on.draw(3), entry] : [flags, entry];
    const rest = oneIn(4, on.draw) ? 1 : 0;
    return Array.from({ length: entryLen / 4 }, (_, at) => request[at] ?? rest);
  }).flat();
  // Now and then the last request is not there.
  const there = oneIn(12, on.draw) ? fields.slice(0, -entryLen / 4) : fields;
  return on.call('hwptInvalidate', {
    hwptId,
    dataType: SELFTEST.HWPT_INVALIDATE,
    entryLen,
    entryNum,
    data: wordsOf(there),
  });
}

/** Words of 64 bits, of halves. */
function wordsOf(halves: readonly number[]): readonly bigint[] {
  return Array.from(
    { length: Math.ceil(halves.length / 2) },
    (_, at) => BigInt(halves[2 * at] ?? 0) | (BigInt(halves[2 * at + 1] ?? 0) << 32n),
  );
}

export function pageFault(on: MockView): Call | null {
  const devId = on.any(on.here.devices);
  if (devId === null) return null;
  if (on.here.faults.length === 0) return on.call('faultQueueAlloc', {});
  const queue = pickAny(on.view.faultFds, on.draw);
  if (queue !== undefined && oneIn(3, on.draw)) {
    const fd = fdHandle(on.view, queue);
    if (oneIn(2, on.draw)) return { ...on.call('read', {}), args: { fd, count: 400 } };
    const data = [BigInt(1 + on.draw(2)) | (BigInt(on.draw(3)) << 32n)];
    return { ...on.call('write', {}), args: { fd, count: 8, data } };
  }
  return on.call('mockPageFault', {
    devId,
    pasid: pick(PASIDS, on.draw),
    grpid: on.draw(3),
    perm: 1 + on.draw(3),
    addr: BigInt(on.draw(4)) * PAGE,
  });
}

export function pasid(on: MockView): Call | null {
  const { here } = on;
  const stdevId = on.any(on.ids('selftest'));
  if (stdevId === null) return null;
  const pasid = pick(PASIDS, on.draw);
  const ptId = on.any(pick([here.ioases, here.pagings, here.nesteds, here.nesteds], on.draw));
  switch (on.draw(4)) {
    case 0:
      return on.call('mockPasidDetach', { stdevId, pasid });
    case 1:
      return ptId === null ? null : on.call('mockPasidReplace', { stdevId, pasid, ptId });
    case 2:
      return on.call('mockPasidCheck', { stdevId, pasid, hwptId: ptId ?? 0 });
    default:
      return ptId === null ? null : on.call('mockPasidAttach', { stdevId, pasid, ptId });
  }
}

export function check(on: MockView): Call | null {
  const hwptId = on.any(on.here.nesteds);
  const devId = on.any(on.here.devices);
  const entry = on.draw(MOCK_ENTRIES + 1);
  if (hwptId !== null && oneIn(2, on.draw))
    return on.call('mockCheckIotlb', { hwptId, entry, iotlb: on.draw(3) });
  if (devId === null) return null;
  return on.call('mockCheckCache', { devId, entry, cache: oneIn(2, on.draw) ? 0 : MOCK_CACHE_DEFAULT });
}
