import type { Errno } from '../../../spec/errno.ts';
import { ULONG_MAX } from '../../../spec/iommufd/constants.ts';
import type { KernelConfig } from '../../platform/platform.ts';
import type { Rules } from '../../world/rules.ts';
import { covered, firstOverlap, holes, type Interval, insertSorted } from '../interval.ts';
import { type MemoryEnv, type Pages, pinErrno } from './pages.ts';
import { type IoPageTable, withAreas } from './table.ts';

/** Where a mapping is to go: a fixed IOVA, or wherever the kernel finds room (null). */
export interface Placement {
  readonly iova: bigint | null;
  readonly readable: boolean;
  readonly writeable: boolean;
}

export interface Mapped {
  readonly iopt: IoPageTable;
  readonly iova: bigint;
}

/** What the domains that a mapping goes into ask of it. */
export interface DomainsOf {
  readonly some: boolean;
  readonly writableOnly: boolean;
}

/**
 * Maps pages, in order and without gaps, at a fixed or a found IOVA (rules ). With a domain present
 * the pages are pinned now (EFAULT), else when the first domain comes.
 */
export function mapPages(
  iopt: IoPageTable,
  pages: readonly Pages[],
  length: bigint,
  placement: Placement,
  domains: DomainsOf,
  env: MemoryEnv,
  rules: Rules,
): Mapped | Errno {
  const mask = iopt.alignment - 1n;
  if ((length & mask) !== 0n || length === 0n) return 'EINVAL';
  let iova: bigint;
  if (placement.iova === null) {
    const found = allocIova(iopt, pages[0]?.va ?? 0n, length, env.kernel, rules);
    if (typeof found === 'string') return found;
    iova = found;
  } else {
    const errno = checkIova(iopt, placement.iova, length);
    if (errno !== null) return errno;
    iova = placement.iova;
  }
  let areas = iopt.areas;
  let at = iova;
  for (const piece of pages) {
    if (placement.writeable && !piece.writeable) return 'EPERM';
    if ((piece.va & (env.kernel.pageSize - 1n) & mask) !== 0n) return 'EINVAL';
    areas = insertSorted(areas, {
      start: at,
      last: at + piece.length - 1n,
      va: piece.va,
      readable: placement.readable,
      writeable: placement.writeable,
      pagesWriteable: piece.writeable,
      ...(piece.doorbell === undefined ? {} : { doorbell: piece.doorbell }),
      ...(piece.dmabuf === undefined ? {} : { dmabuf: piece.dmabuf }),
      ...(piece.file === undefined ? {} : { file: piece.file }),
      ...(piece.pages === undefined ? {} : { pages: piece.pages }),
      ...(piece.mm === undefined ? {} : { mm: piece.mm }),
    });
    at += piece.length;
  }
  for (const piece of domains.some ? pages : []) {
    const errno = pinErrno(piece, piece.length, piece.writeable, env);
    if (errno !== null) return errno;
  }
  if (domains.writableOnly && !placement.writeable && rules.vtd.nestParentRefusesReadOnly) return 'EINVAL';
  return { iopt: withAreas(iopt, areas), iova };
}

/** A fixed IOVA: aligned (EINVAL), without wrap (EOVERFLOW), off reserved ranges (EINVAL), free (EEXIST). */
function checkIova(iopt: IoPageTable, iova: bigint, length: bigint): Errno | null {
  if ((iova & (iopt.alignment - 1n)) !== 0n) return 'EINVAL';
  const last = iova + length - 1n;
  if (last > ULONG_MAX) return 'EOVERFLOW';
  if (firstOverlap(iopt.reserved, iova, last) !== undefined) return 'EINVAL';
  if (firstOverlap(iopt.areas, iova, last) !== undefined) return 'EEXIST';
  return null;
}

/**
 * The first hole within the allowed ranges, aligned so that huge pages can be used: to the largest power of two
 * that the length and the user address have in common, but no more than a huge page.
 */
function allocIova(
  iopt: IoPageTable,
  va: bigint,
  length: bigint,
  kernel: KernelConfig,
  rules: Rules,
): bigint | Errno {
  if (length >= ULONG_MAX / 2n) return 'EOVERFLOW';
  let alignment = roundUpPowerOfTwo(length);
  if (va !== 0n && (va & -va) < alignment) alignment = va & -va;
  if (alignment > kernel.maxIovaAlignment) alignment = kernel.maxIovaAlignment;
  if (alignment < iopt.alignment) return 'EINVAL';
  const pageOffset = va & (kernel.pageSize - 1n);
  const first = kernel.pageSize;
  const last = ULONG_MAX - kernel.pageSize;
  const allowed = iopt.allowed.length === 0 ? [{ start: first, last }] : covered(iopt.allowed, first, last);
  for (const span of allowed) {
    const start = fitAligned(span, length, alignment, pageOffset, rules);
    if (start === null) continue;
    for (const hole of freeHoles(iopt, start, span.last)) {
      const iova = fitAligned(hole, length, alignment, pageOffset, rules);
      if (iova !== null) return iova;
    }
  }
  return 'ENOSPC';
}

/** What neither an area nor a reserved range covers. */
function freeHoles(iopt: IoPageTable, start: bigint, last: bigint): readonly Interval[] {
  return holes(iopt.areas, start, last).flatMap((hole) => holes(iopt.reserved, hole.start, hole.last));
}

function fitAligned(
  span: Interval,
  length: bigint,
  alignment: bigint,
  pageOffset: bigint,
  rules: Rules,
): bigint | null {
  const aligned = rules.iommufd.alignIova(span.start, alignment);
  if (aligned === null) return null;
  const start = aligned | pageOffset;
  return start >= span.last || span.last - start < length - 1n ? null : start;
}

function roundUpPowerOfTwo(n: bigint): bigint {
  let power = 1n;
  while (power < n) power <<= 1n;
  return power;
}
