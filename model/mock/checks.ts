import { ULONG_MAX } from '../../spec/iommufd/constants.ts';
import { MOCK_ENTRIES } from '../../spec/iommufd/selftest.ts';
import { mockOf } from '../iommufd/mock-state.ts';
import { getOf, mustGet } from '../iommufd/object-table.ts';
import type { CommandArgs } from '../world/command.ts';
import { done, type Result, refused } from '../world/result.ts';
import type { Tx } from '../world/tx.ts';
import { compare, frameOf } from './memory.ts';
import { holdersOf, refsAt } from './refs.ts';

/** MD_CHECK_MAP: whether each page of the domain is the caller's page. */
export function checkMap(tx: Tx, ctx: number, args: CommandArgs['mockCheckMap']): Result {
  const { iova, length, uptr } = args;
  const hwpt = getOf(tx, ctx, args.hwptId, 'hwptPaging');
  if (hwpt === null) return refused('ENOENT');
  const page = hwpt.domain.geometry.minPage;
  if ((iova | length | uptr) % page !== 0n || uptr + length > ULONG_MAX) return refused('EINVAL');
  const { areas } = mustGet(tx, ctx, hwpt.ioas, 'ioas').iopt;
  switch (compare(tx, areas, iova, uptr, length)) {
    case 'same':
      return done();
    case 'other':
      return refused('EINVAL');
    case 'absent':
      return refused('EFAULT');
  }
}

/** MD_CHECK_REFS: whether each of the caller's pages is pinned so often. Of pages that are huge nobody counts. */
export function checkRefs(tx: Tx, { length, uptr, refs }: CommandArgs['mockCheckRefs']): Result {
  const { pageSize } = tx.world.platform.kernel;
  if ((length | uptr) % pageSize !== 0n || uptr + length > ULONG_MAX) return refused('EINVAL');
  const holders = length === 0n ? [] : holdersOf(tx);
  for (let at = uptr; at < uptr + length; ) {
    const frame = frameOf(tx, at);
    if (frame === null) return refused('EFAULT');
    const { count, left } = refsAt(holders, frame);
    if (count !== refs) return refused('EIO');
    at += left;
  }
  return done();
}

/** MD_CHECK_IOTLB. */
export function checkIotlb(tx: Tx, ctx: number, args: CommandArgs['mockCheckIotlb']): Result {
  const hwpt = getOf(tx, ctx, args.hwptId, 'hwptNested');
  if (hwpt === null) return refused('ENOENT');
  const { domain } = hwpt;
  const holds = domain.config === 'mock' && args.entry < MOCK_ENTRIES ? domain.iotlb[args.entry] : undefined;
  return holds === args.iotlb ? done() : refused('EINVAL');
}

/** DEV_CHECK_CACHE. */
export function checkCache(tx: Tx, ctx: number, args: CommandArgs['mockCheckCache']): Result {
  const object = getOf(tx, ctx, args.devId, 'device');
  if (object === null) return refused('ENOENT');
  const holds = mockOf(tx).devices[object.device]?.cache[args.entry];
  return holds === args.cache ? done() : refused('EINVAL');
}
