import { DMA_MAP, DMA_UNMAP, MAP_BYTES, UNMAP_BYTES } from '../../spec/vfio/container.ts';
import { done, type Result, refused } from '../world/result.ts';
import type { Tx } from '../world/tx.ts';
import { legacyOf, putContainer } from './access.ts';
import type { LegacyArgs } from './command.ts';
import { openContainer } from './container.ts';
import { placeIn } from './cookie.ts';
import { type Container, type DmaMapping, firstMapping, type LegacyDomain, pageSizeOf } from './machine.ts';
import { reach } from './reach.ts';
import { suits } from './regions.ts';

const U64_END = 1n << 64n;

/**
 * vfio_dma_do_map(): every domain of the container gets it, or none. Its errnos and their order are the driver's; linux/vfio.h
 * documents "READ &/ WRITE required", and that these are meant from the device's side.
 */
export function containerMapDma(
  tx: Tx,
  { container: index, argsz, flags, vaddr, iova, length: size }: LegacyArgs['containerMapDma'],
): Result {
  const legacy = legacyOf(tx);
  const container = openContainer(legacy, index);
  if (legacy === null || container === null) return refused('EBADF');
  const { platform, whole } = legacy;
  if (container.type === null) return refused('EINVAL');
  const access = DMA_MAP.READ | DMA_MAP.WRITE;
  const setsAddress = (flags & DMA_MAP.VADDR) !== 0;
  if (argsz < MAP_BYTES || (flags & ~(access | DMA_MAP.VADDR)) !== 0 || size === 0n) return refused('EINVAL');
  if (iova + size > U64_END || vaddr + size > U64_END) return refused(tx.rules.legacy.containerWrapErrno);
  if (((flags & access) !== 0) === setsAddress) return refused('EINVAL');
  const offset = pageSizeOf(platform, whole.kernel, container) - 1n;
  if (((size | iova | vaddr) & offset) !== 0n) return refused('EINVAL');
  const there = firstMapping(container.mappings, iova, size);
  if (setsAddress) return giveAddress(tx, index, container, there, { iova, size, vaddr });
  if (there !== undefined) return refused('EEXIST');
  if (container.mappings.length >= platform.dmaEntries) return refused('ENOSPC');
  if (!container.groups.every((group) => suits(whole, group, iova, size, tx.rules))) return refused('EINVAL');
  // Pages are pinned as they are mapped; where one cannot be, those before it are let go again.
  const { start, last } = platform.memory;
  if (vaddr < start || vaddr + size - 1n > last) return refused('EFAULT');
  if (container.domains.some((domain) => hasDoorbellIn(domain, iova, size, whole.kernel.pageSize)))
    return refused('EEXIST');
  const read = (flags & DMA_MAP.READ) !== 0;
  const write = (flags & DMA_MAP.WRITE) !== 0;
  const mapping: DmaMapping = { iova, size, vaddr, read, write };
  putContainer(tx, index, {
    ...container,
    mappings: inOrder([...container.mappings, mapping]),
    domains: container.domains.map((each) => ({ ...each, mapped: inOrder([...each.mapped, mapping]) })),
  });
  return done();
}

/** MAP_DMA with VADDR: a mapping whose address was taken back gets another; its pages stay pinned meanwhile. */
function giveAddress(
  tx: Tx,
  index: number,
  container: Container,
  there: DmaMapping | undefined,
  { iova, size, vaddr }: Pick<DmaMapping, 'iova' | 'size' | 'vaddr'>,
): Result {
  if (there === undefined) return refused('ENOENT');
  if (there.lost !== true || there.iova !== iova || there.size !== size) return refused('EINVAL');
  const { read, write } = there;
  putMappings(tx, index, container, (each) =>
    each.iova === iova ? { iova, size, vaddr, read, write } : each,
  );
  return done();
}

/** Changes mappings in the container and in every domain that has them. */
function putMappings(
  tx: Tx,
  index: number,
  container: Container,
  change: (mapping: DmaMapping) => DmaMapping,
): void {
  const { mappings, domains } = container;
  putContainer(tx, index, {
    ...container,
    mappings: mappings.map(change),
    domains: domains.map((each) => ({ ...each, mapped: each.mapped.map(change) })),
  });
}

/**
 * vfio_dma_do_unmap(): gives how many bytes went. TYPE1 takes whole mappings from the range's start on, and nothing where the
 * range begins within one; TYPE1v2, and what nests, refuses a range that cuts a mapping. Documented (linux/vfio.h): "the
 * actual unmapped size is returned in the size field", "No guarantee is made to the user that arbitrary unmaps … will succeed",
 * and of ALL "iova and size must be 0". The errnos are the driver's.
 */
export function containerUnmapDma(
  tx: Tx,
  { container: index, argsz, flags, iova, length: size }: LegacyArgs['containerUnmapDma'],
): Result {
  const legacy = legacyOf(tx);
  const container = openContainer(legacy, index);
  if (legacy === null || container === null) return refused('EBADF');
  if (container.type === null) return refused('EINVAL');
  if (argsz < UNMAP_BYTES || (flags & ~(DMA_UNMAP.ALL | DMA_UNMAP.VADDR)) !== 0) return refused('EINVAL');
  const offset = pageSizeOf(legacy.platform, legacy.whole.kernel, container) - 1n;
  if ((iova & offset) !== 0n) return refused('EINVAL');
  const all = (flags & DMA_UNMAP.ALL) !== 0;
  if (all ? iova !== 0n || size !== 0n : size === 0n || (size & offset) !== 0n) return refused('EINVAL');
  if (!all && iova + size > U64_END) return refused(tx.rules.legacy.containerWrapErrno);
  const going = all ? container.mappings : unmapped(container, iova, size, tx);
  if (going === null) return refused('EINVAL');
  const bytes = going.reduce((sum, each) => sum + each.size, 0n);
  if ((flags & DMA_UNMAP.VADDR) !== 0) {
    if (going.some(({ lost }) => lost === true)) return refused('EINVAL');
    const gone = new Set(going.map((each) => each.iova));
    putMappings(tx, index, container, (each) => (gone.has(each.iova) ? { ...each, lost: true } : each));
    return done({ length: bytes });
  }
  if (going.length > 0) {
    const stays = (each: DmaMapping): boolean => !going.some((gone) => gone.iova === each.iova);
    putContainer(tx, index, {
      ...container,
      mappings: container.mappings.filter(stays),
      domains: container.domains.map((each) => ({ ...each, mapped: each.mapped.filter(stays) })),
    });
  }
  return done({ length: bytes });
}

/** The mappings that a range takes with it; null: it is refused. */
function unmapped(
  { type, mappings }: Container,
  iova: bigint,
  size: bigint,
  { rules }: Tx,
): readonly DmaMapping[] | null {
  const end = iova + size;
  const meets = mappings.filter((each) => each.iova < end && iova < each.iova + each.size);
  if (type !== null && rules.legacy.unmapRefusesBisection(type)) {
    const cuts = meets.some((each) => each.iova < iova || each.iova + each.size > end);
    return cuts ? null : meets;
  }
  return meets.some((each) => each.iova < iova) ? [] : meets;
}

function inOrder(mappings: readonly DmaMapping[]): readonly DmaMapping[] {
  return [...mappings].sort((a, b) => (a.iova < b.iova ? -1 : 1));
}

/** Whether the kernel has a doorbell where a user would map: behind the end of a window that is not enforced. */
function hasDoorbellIn({ cookie }: LegacyDomain, iova: bigint, size: bigint, pageSize: bigint): boolean {
  if (cookie === null) return false;
  return cookie.pages.some((page) => {
    const place = placeIn(cookie, page, pageSize);
    return place < iova + size && iova < place + pageSize;
  });
}

/** What a request of a group meets: the memory (or the doorbell) that it reaches, and the stage that translated it. */
export function legacyDma(tx: Tx, { group, iova, write }: LegacyArgs['legacyDma']): Result {
  const legacy = legacyOf(tx);
  if (legacy === null || legacy.machine.groups[group] === undefined) return refused('ENODEV');
  const reached = reach(legacy, group, iova, write);
  if (typeof reached === 'string') return refused(reached);
  const { what, address, stage } = reached;
  return done(what === 'memory' ? { vaddr: address, stage } : { doorbell: address, stage });
}
