import type { Errno } from '../../../spec/errno.ts';
import { ULONG_MAX } from '../../../spec/iommufd/constants.ts';
import type { KernelConfig, UserMemory } from '../../platform/platform.ts';
import { allows, type MemoryChange } from '../../world/memory/changes.ts';
import type { File, Process } from '../../world/process.ts';
import type { Rules } from '../../world/rules.ts';
import type { DoorbellPages, IoPageTable } from './table.ts';

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
