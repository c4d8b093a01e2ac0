import type { Errno } from '../../spec/errno.ts';
import { ULONG_MAX } from '../../spec/iommufd/constants.ts';
import type { KernelConfig, UserMemory } from '../platform/platform.ts';
import { allows, type MemoryChange } from '../world/memory/changes.ts';
import type { File, Process } from '../world/process.ts';
import type { Rules } from '../world/rules.ts';
import { covered, firstOverlap, holes, type Interval, insertSorted } from './interval.ts';

/** A mapped range (struct iopt_area): IOVAs and the user pages behind them. */
export interface Area extends Interval {
  /** User address of the first byte. */
  readonly va: bigint;
  readonly readable: boolean;
  readonly writeable: boolean;
  /** Whether the pages were given for writing, by the MAP that brought them in. */
  readonly pagesWriteable: boolean;
  /** Where it leads to doorbells instead: the first one's physical page, and the ITS by which the kernel found it. */
  readonly doorbell?: DoorbellPages;
  /** Where it leads to a device's registers instead: which dma-buf (`Pins.dmabufs`) these were given as. */
  readonly dmabuf?: number;
  /** Where it leads into a file instead, which it holds (`World.files`): `va` is the place in that. */
  readonly file?: number;
  /** Whose memory it is, once files are shared; null: of a process that has ended, whose memory is gone. */
  readonly mm?: string | null;
  /** Which pages these are of those that are pinned together, however many areas have them; left out where nobody counts. */
  readonly pages?: number;
  /** A MAP of another thread is still under way, and there are no pages yet (`area->pages` is NULL); absent: no. */
  readonly filling?: true;
}

/** Doorbells in an area; `its` is null where user space had them mapped. */
export interface DoorbellPages {
  readonly page: bigint;
  readonly its: number | null;
}

/** Who keeps a range reserved: a device (`device:<index>`) or a domain with an aperture (`hwpt:<id>`). */
export type Owner = string;

export interface Reserved extends Interval {
  readonly owner: Owner;
}

/** The IOVA space of an IOAS (struct io_pagetable). All lists ascend by start. */
export interface IoPageTable {
  readonly areas: readonly Area[];
  readonly reserved: readonly Reserved[];
  readonly allowed: readonly Interval[];
  /** Bytes; every area's ends and its offset in the first page are multiples of it. */
  readonly alignment: bigint;
  readonly hugePagesDisabled: boolean;
}

/** What a domain asks of the IOVA space that it joins. */
export interface Geometry {
  readonly apertureStart: bigint;
  readonly apertureLast: bigint;
  /** The smallest page, in bytes. */
  readonly minPage: bigint;
  /** Takes no read-only mapping. */
  readonly writableOnly?: boolean;
  /** Sizes that it maps at once, one bit for each; absent: those of its pages' tables. */
  readonly pageSizes?: bigint;
  /** Aligned blocks of so many bytes have one dirty flag where an area has them whole; absent: each page has its own. */
  readonly dirtyBlock?: bigint;
}

export const EMPTY_IOPT: IoPageTable = Object.freeze({
  areas: Object.freeze([]),
  reserved: Object.freeze([]),
  allowed: Object.freeze([]),
  alignment: 1n,
  hugePagesDisabled: false,
});

/** Pages handed to a mapping: a stretch of user memory. */
export interface Pages {
  readonly va: bigint;
  readonly length: bigint;
  readonly writeable: boolean;
  /** @see Area.doorbell */
  readonly doorbell?: DoorbellPages;
  /** @see Area.dmabuf */
  readonly dmabuf?: number;
  /** @see Area.file */
  readonly file?: number;
  /** @see Area.pages */
  readonly pages?: number;
  /** @see Area.mm */
  readonly mm?: string | null;
}

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

/** Environment of a mapping: the kernel's build and what the process has mapped. */
export interface MemoryEnv {
  readonly kernel: KernelConfig;
  readonly userMemory: readonly UserMemory[];
  /** `World.files`, for mappings of them. */
  readonly files?: readonly (File | null)[];
  /** `World.processes`, whose memory may have changed. */
  readonly processes?: Readonly<Record<string, Process>>;
  /** Whether a domain has these pages pinned from `va` to `last`; absent: nobody counts (`Area.pages`). */
  readonly isPinned?: (pages: number, va: bigint, last: bigint) => boolean;
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

/** Why a stretch cannot be pinned: EFAULT of user memory, EINVAL of a file; null: it can. Registers are there. */
export function pinErrno(
  pages: Pick<Pages, 'va' | 'doorbell' | 'dmabuf' | 'file' | 'mm' | 'pages'>,
  length: bigint,
  writeable: boolean,
  env: MemoryEnv,
): Errno | null {
  if (pages.file !== undefined) return inFile(env, pages.file, pages.va, length) ? null : 'EINVAL';
  if (canPin(pages, length, writeable, env)) return null;
  const { va, pages: number } = pages;
  if (number === undefined || env.isPinned === undefined) return 'EFAULT';
  // Page by page, what is pinned is taken from there (struct pfn_reader).
  const { pageSize } = env.kernel;
  for (let at = va; at < va + length; at += pageSize - (at % pageSize)) {
    const isThere = canPin({ ...pages, va: at }, 1n, writeable, env);
    if (!isThere && !env.isPinned(number, at, at)) return 'EFAULT';
  }
  return null;
}

/** memfd_pin_folios(): pages of a file in memory, up to its end. */
function inFile({ files, kernel }: MemoryEnv, index: number, start: bigint, length: bigint): boolean {
  const of = files?.[index]?.of;
  if (of?.kind !== 'memory') return false;
  return of.size === null || ((start + length - 1n) | (kernel.pageSize - 1n)) < of.size;
}

/** Whether every page of a stretch of user memory is there (and writable, if it is to be written). Registers are. */
export function canPin(
  { va, doorbell, dmabuf, mm }: Pick<Pages, 'va' | 'doorbell' | 'dmabuf' | 'mm'>,
  length: bigint,
  writeable: boolean,
  env: MemoryEnv,
): boolean {
  if (doorbell !== undefined || dmabuf !== undefined) return true;
  if (mm === null) return false;
  const pageMask = env.kernel.pageSize - 1n;
  const first = va & ~pageMask;
  const last = (va + length - 1n) | pageMask;
  const isThere = env.userMemory.some(
    (m) => m.start <= first && last <= m.last && (m.writable || !writeable),
  );
  return isThere && changesOf(env, mm).every((changes) => allows(changes, first, last, writeable));
}

/** What became of the memory of a process; where nobody noted whose it is, one process has all. */
function changesOf(
  { processes = {} }: MemoryEnv,
  mm: string | undefined,
): readonly (readonly MemoryChange[])[] {
  const owners = mm === undefined ? Object.values(processes) : [processes[mm]];
  return owners.flatMap((process) => (process?.memory === undefined ? [] : [process.memory]));
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

/** What an unmap took away, and why it stopped, if it did. */
export interface Unmapped {
  readonly iopt: IoPageTable;
  /** Bytes. */
  readonly bytes: bigint;
  readonly errno: Errno | null;
  /** Whether no area has anything to do with the range. */
  readonly nothing: boolean;
}

/**
 * Takes away all areas of [start, last], in ascending order, until one holds something that is locked or is still being
 * mapped (EBUSY), or is only partly inside (ENOENT). What was taken until then stays away (rule R-11).
 */
export function unmapRange(
  iopt: IoPageTable,
  start: bigint,
  last: bigint,
  locked: readonly Interval[] = [],
): Unmapped {
  const kept: Area[] = [];
  let bytes = 0n;
  let errno: Errno | null = null;
  let nothing = true;
  for (const area of iopt.areas) {
    const outside = area.last < start || area.start > last;
    const busy = area.filling === true || firstOverlap(locked, area.start, area.last) !== undefined;
    if (!outside && busy) errno ??= 'EBUSY';
    if (!outside && (area.start < start || area.last > last)) errno ??= 'ENOENT';
    nothing &&= outside;
    if (outside || errno !== null) kept.push(area);
    else bytes += area.last - area.start + 1n;
  }
  if (bytes === 0n) return { iopt, bytes, errno: errno ?? 'ENOENT', nothing };
  return { iopt: withAreas(iopt, kept), bytes, errno, nothing };
}

/** Cuts areas in two behind each of these addresses (iopt_cut_iova()): EINVAL where the halves would not be aligned, EOPNOTSUPP of a dma-buf. */
export function cutAreas(iopt: IoPageTable, lasts: readonly bigint[]): IoPageTable | Errno {
  let { areas } = iopt;
  for (const last of lasts) {
    const area = firstOverlap(areas, last, last);
    // Behind its first byte an area is not cut: iopt_area_split() takes that for its beginning.
    if (area === undefined || area.last === last || area.start === last) continue;
    const start = last + 1n;
    const va = area.va + (start - area.start);
    if (area.filling === true) return 'EBUSY';
    if (area.dmabuf !== undefined) return 'EOPNOTSUPP';
    if (((start | va) & (iopt.alignment - 1n)) !== 0n) return 'EINVAL';
    areas = areas.flatMap((each) =>
      each === area
        ? [
            { ...area, last },
            { ...area, start, va, ...doorbellFrom(area, start) },
          ]
        : [each],
    );
  }
  return areas === iopt.areas ? iopt : withAreas(iopt, areas);
}

/** The doorbells that an area of them has from an address on. */
function doorbellFrom({ doorbell, start }: Area, from: bigint): Pick<Area, 'doorbell'> {
  return doorbell === undefined ? {} : { doorbell: { ...doorbell, page: doorbell.page + (from - start) } };
}

/** The pages behind [iova, iova + length), which areas must cover without a gap (rule R-12). */
export function pagesOf(
  iopt: IoPageTable,
  iova: bigint,
  length: bigint,
  rules: Rules,
): readonly Pages[] | Errno {
  if (length === 0n) return 'EINVAL';
  const last = iova + length - 1n;
  if (last > ULONG_MAX) return 'EOVERFLOW';
  const pages: Pages[] = [];
  let at = iova;
  for (const area of iopt.areas) {
    if (area.last < at) continue;
    if (area.start > at || area.filling === true) return 'ENOENT';
    const end = area.last < last ? area.last : last;
    const offset = rules.iommufd.copyKeepsOffset ? at - area.start : 0n;
    const { doorbell, dmabuf, file, pages: together, mm } = area;
    pages.push({
      va: area.va + offset,
      length: end - at + 1n,
      writeable: area.pagesWriteable,
      ...(doorbell === undefined ? {} : { doorbell: { ...doorbell, page: doorbell.page + offset } }),
      ...(dmabuf === undefined ? {} : { dmabuf }),
      ...(file === undefined ? {} : { file }),
      ...(together === undefined ? {} : { pages: together }),
      ...(mm === undefined ? {} : { mm }),
    });
    if (end === last) return pages;
    at = end + 1n;
  }
  return 'ENOENT';
}

/** Keeps a range free of areas and allowed ranges for as long as its owner is there (rule R-14). */
export function reserve(
  iopt: IoPageTable,
  start: bigint,
  last: bigint,
  owner: Owner,
  rules: Rules,
): IoPageTable | Errno {
  const used =
    firstOverlap(iopt.areas, start, last) !== undefined ||
    firstOverlap(iopt.allowed, start, last) !== undefined;
  if (used && rules.iommufd.reserveChecksUse) return 'EADDRINUSE';
  return withReserved(iopt, insertSorted(iopt.reserved, { start, last, owner }));
}

/** Gives back everything that an owner reserved. */
export function unreserve(iopt: IoPageTable, owner: Owner): IoPageTable {
  const reserved = iopt.reserved.filter((r) => r.owner !== owner);
  return reserved.length === iopt.reserved.length ? iopt : withReserved(iopt, reserved);
}

/** Replaces the allowed ranges, which must be clear of reserved ones (rule R-13). */
export function setAllowed(iopt: IoPageTable, allowed: readonly Interval[]): IoPageTable | Errno {
  for (const range of allowed) {
    if (firstOverlap(iopt.reserved, range.start, range.last) !== undefined) return 'EADDRINUSE';
  }
  return { ...iopt, allowed };
}

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

/** What IOVA_RANGES reports: the whole space less what is reserved (rule R-15). */
export function iovaRanges(iopt: IoPageTable): readonly Interval[] {
  return holes(iopt.reserved, 0n, ULONG_MAX);
}

// Written out field by field because of what spreading costs (model/world/copy.ts).

export function withReserved(iopt: IoPageTable, reserved: IoPageTable['reserved']): IoPageTable {
  const { areas, allowed, alignment, hugePagesDisabled } = iopt;
  return { areas, reserved, allowed, alignment, hugePagesDisabled };
}

export function withAreas(iopt: IoPageTable, areas: IoPageTable['areas']): IoPageTable {
  const { reserved, allowed, alignment, hugePagesDisabled } = iopt;
  return { areas, reserved, allowed, alignment, hugePagesDisabled };
}

export function withAlignment(iopt: IoPageTable, alignment: bigint, hugePagesDisabled: boolean): IoPageTable {
  const { areas, reserved, allowed } = iopt;
  return { areas, reserved, allowed, alignment, hugePagesDisabled };
}
