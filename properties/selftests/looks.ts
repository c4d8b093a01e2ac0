import type { CommandArgs } from '../../model/world/command.ts';
import type { World } from '../../model/world/world.ts';
import { ULONG_MAX } from '../../spec/iommufd/constants.ts';
import { type Answer, refusal } from '../answers/answer.ts';
import { anyObject, objectIn, objectOf } from '../look.ts';
import { type At, hasMemory, hasMemoryIn, memoryBehind } from './look.ts';

const TAKEN: Answer = { errno: null };

/** Entries of a nested domain's IOTLB and of a device's cache. */
const ENTRIES = 4;

/** MD_CHECK_MAP: page by page, the caller's memory is looked up first. */
function mockCheckMap({ world, context }: At, args: CommandArgs['mockCheckMap']): Answer {
  const { iova, length, uptr } = args;
  const hwpt = objectOf(context, args.hwptId, 'hwptPaging');
  if (hwpt === null) return refusal('ENOENT');
  const page = hwpt.domain.geometry.minPage;
  if ([iova, length, uptr].some((each) => each % page !== 0n) || uptr + length > ULONG_MAX)
    return refusal('EINVAL');
  const areas = objectOf(context, hwpt.ioas, 'ioas')?.iopt.areas ?? [];
  for (let at = 0n; at < length; at += page) {
    if (!hasMemory(world, uptr + at)) return refusal('EFAULT');
    if (memoryBehind(areas, iova + at) !== uptr + at) return refusal('EINVAL');
  }
  return TAKEN;
}

/** MD_CHECK_REFS: page by page. */
function mockCheckRefs({ world }: At, { length, uptr, refs }: CommandArgs['mockCheckRefs']): Answer {
  const page = world.platform.kernel.pageSize;
  if (length % page !== 0n || uptr % page !== 0n || uptr + length > ULONG_MAX) return refusal('EINVAL');
  for (let at = uptr; at < uptr + length; at += page) {
    if (!hasMemory(world, at)) return refusal('EFAULT');
    if (pinnedHere(world, at, page) !== refs) return refusal('EIO');
  }
  return TAKEN;
}

/** How often a page of memory is pinned: pages that were brought in together are so once, by whomever. */
function pinnedHere({ contexts }: World, va: bigint, page: bigint): number {
  const together = new Set<number>();
  for (const context of contexts)
    for (const [id, ioas] of context?.objects.entries() ?? []) {
      if (ioas?.type !== 'ioas') continue;
      const pins = (context?.objects ?? []).flatMap((each) =>
        each?.type === 'access' && each.ioas === id ? each.pins : [],
      );
      for (const area of ioas.iopt.areas) {
        if (area.dmabuf !== undefined || area.doorbell !== undefined || area.file !== undefined) continue;
        const ranges = ioas.hwpts.length > 0 ? [area] : pins;
        const isPinned = ranges.some(({ start, last }) => {
          const from = area.va + ((start > area.start ? start : area.start) - area.start);
          const to = area.va + ((last < area.last ? last : area.last) - area.start);
          return from <= to && from < va + page && to >= va;
        });
        if (isPinned) together.add(area.pages ?? 0);
      }
    }
  return together.size;
}

/** MD_CHECK_IOTLB. */
function mockCheckIotlb({ context }: At, { hwptId, entry, iotlb }: CommandArgs['mockCheckIotlb']): Answer {
  const nested = objectOf(context, hwptId, 'hwptNested');
  if (nested === null) return refusal('ENOENT');
  const { domain } = nested;
  const isHeld = domain.config === 'mock' && entry < ENTRIES && domain.iotlb[entry] === iotlb;
  return isHeld ? TAKEN : refusal('EINVAL');
}

/** DEV_CHECK_CACHE. */
function mockCheckCache(
  { world, context }: At,
  { devId, entry, cache }: CommandArgs['mockCheckCache'],
): Answer {
  const device = objectOf(context, devId, 'device');
  if (device === null) return refusal('ENOENT');
  const held = world.mock?.devices[device.device]?.cache ?? [];
  return entry < ENTRIES && held[entry] === cache ? TAKEN : refusal('EINVAL');
}

/** PASID_CHECK_HWPT: 0 asks whether it is on none. */
function mockPasidCheck({ world, context }: At, args: CommandArgs['mockPasidCheck']): Answer {
  const made = objectOf(context, args.stdevId, 'selftest');
  if (made === null) return refusal('ENOENT');
  const group = world.platform.devices[made.device]?.group;
  const of = context.groups.find((each) => each.group === group);
  const on = args.pasid === 0 ? of?.attach?.hwpt : of?.pasids.find(({ pasid }) => pasid === args.pasid)?.hwpt;
  if (args.hwptId === 0) return on === undefined ? TAKEN : refusal('EINVAL');
  if (anyObject(context, args.hwptId) === null) return refusal('ENOENT');
  return on === args.hwptId ? TAKEN : refusal('EINVAL');
}

/** DIRTY: the pages of the bitmap's bits are written then. */
function mockDirty({ ctx, world, context }: At, args: CommandArgs['mockDirty']): Answer {
  const { hwptId, iova, length, pageSize, uptr } = args;
  if (pageSize === 0n || length === 0n || uptr === 0n) return refusal('EINVAL');
  if (iova % pageSize !== 0n || length % pageSize !== 0n) return refusal('EINVAL');
  const hwpt = objectOf(context, hwptId, 'hwptPaging');
  if (hwpt === null) return refusal('ENOENT');
  if (hwpt.dirty?.tracking !== true) return refusal('EINVAL');
  const pages = Number(length / pageSize);
  if (!hasMemoryIn(world, uptr, BigInt(Math.ceil(pages / 8)))) return refusal('EFAULT');
  const bits = (args.data ?? []).flatMap((word, nth) =>
    Array.from({ length: 64 }, (_, bit) => ({
      page: nth * 64 + bit,
      isSet: ((word >> BigInt(bit)) & 1n) === 1n,
    })),
  );
  const written = bits.filter(({ page, isSet }) => isSet && page < pages);
  return {
    errno: null,
    out: { outNrDirty: BigInt(written.length) },
    wrongIn({ world: after }) {
      const noted = objectIn(after, ctx, hwptId, 'hwptPaging')?.dirty?.pages ?? [];
      const areas = objectOf(context, hwpt.ioas, 'ioas')?.iopt.areas ?? [];
      const missing = written
        .map(({ page }) => iova + BigInt(page) * pageSize)
        .find((at) => memoryBehind(areas, at) !== null && !noted.includes(at));
      return missing === undefined
        ? null
        : `DIRTY of HWPT ${hwptId} does not note a page that it was told of`;
    },
  };
}

export const LOOK_ANSWERS = {
  mockCheckCache,
  mockCheckIotlb,
  mockCheckMap,
  mockCheckRefs,
  mockDirty,
  mockPasidCheck,
} as const;
