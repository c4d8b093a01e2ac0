import type { Errno } from '../../../spec/errno.ts';
import { ULONG_MAX } from '../../../spec/iommufd/constants.ts';
import type { KernelConfig } from '../../platform/platform.ts';
import type { Rules } from '../../world/rules.ts';
import { type MemoryEnv, pinErrno } from './pages.ts';
import { reserve, unreserve } from './reserved.ts';
import { type Geometry, type IoPageTable, type Owner, withAlignment } from './table.ts';

/** Joins a domain: alignment, apertures, then every area is pinned and mapped into it (rule R-16). */
export function addDomain(
  iopt: IoPageTable,
  owner: Owner,
  geometry: Geometry,
  env: MemoryEnv,
  rules: Rules,
): IoPageTable | Errno {
  const alignment = geometry.minPage > iopt.alignment ? geometry.minPage : iopt.alignment;
  if (alignment > env.kernel.pageSize) return 'EINVAL';
  if (alignment !== iopt.alignment && !areasAligned(iopt, alignment, env.kernel)) return 'EADDRINUSE';
  let next: IoPageTable | Errno = iopt;
  if (geometry.apertureStart !== 0n) {
    next = reserve(next, 0n, geometry.apertureStart - 1n, owner, rules);
    if (typeof next === 'string') return next;
  }
  if (geometry.apertureLast !== ULONG_MAX) {
    next = reserve(next, geometry.apertureLast + 1n, ULONG_MAX, owner, rules);
    if (typeof next === 'string') return next;
  }
  for (const area of iopt.areas) {
    // Its MAP pins the pages itself, for this domain too.
    if (area.filling === true) continue;
    const errno = pinErrno(area, area.last - area.start + 1n, area.pagesWriteable, env);
    if (errno !== null) return errno;
    if (geometry.writableOnly === true && !area.writeable && rules.vtd.nestParentRefusesReadOnly)
      return 'EINVAL';
  }
  return withAlignment(next, alignment, next.hugePagesDisabled);
}

/** Takes a domain out again; `minPages` are the smallest pages of those that stay. */
export function removeDomain(
  iopt: IoPageTable,
  owner: Owner,
  minPages: readonly bigint[],
  kernel: KernelConfig,
): IoPageTable {
  const next = unreserve(iopt, owner);
  const alignment = alignmentOf(iopt.hugePagesDisabled, minPages, kernel);
  return alignment === next.alignment ? next : withAlignment(next, alignment, next.hugePagesDisabled);
}

/** IOMMU_OPTION_HUGE_PAGES = 0: not once domains hold mappings (rule R-7). */
export function disableHugePages(
  iopt: IoPageTable,
  minPages: readonly bigint[],
  kernel: KernelConfig,
): IoPageTable | Errno {
  if (iopt.hugePagesDisabled) return iopt;
  if (minPages.length > 0 && iopt.areas.length > 0) return 'EINVAL';
  const alignment = alignmentOf(true, minPages, kernel);
  if (alignment > iopt.alignment && !areasAligned(iopt, alignment, kernel)) return 'EADDRINUSE';
  return withAlignment(iopt, alignment, true);
}

export function enableHugePages(
  iopt: IoPageTable,
  minPages: readonly bigint[],
  kernel: KernelConfig,
): IoPageTable {
  return withAlignment(iopt, alignmentOf(false, minPages, kernel), false);
}

function alignmentOf(hugePagesDisabled: boolean, minPages: readonly bigint[], kernel: KernelConfig): bigint {
  return minPages.reduce(
    (most, page) => (page > most ? page : most),
    hugePagesDisabled ? kernel.pageSize : 1n,
  );
}

export function areasAligned(iopt: IoPageTable, alignment: bigint, kernel: KernelConfig): boolean {
  const mask = alignment - 1n;
  return iopt.areas.every(
    (area) =>
      ((area.start | (area.last - area.start + 1n) | (area.va & (kernel.pageSize - 1n))) & mask) === 0n,
  );
}
