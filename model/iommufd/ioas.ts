import type { Errno } from '../../spec/errno.ts';
import { IOAS_MAP, ULONG_MAX } from '../../spec/iommufd/constants.ts';
import type { CommandArgs } from '../world/command.ts';
import { fileOf } from '../world/files.ts';
import { sharesFiles } from '../world/memory/changes.ts';
import { done, type Result, refused } from '../world/result.ts';
import { contextAt, putContext, putFile, type Tx } from '../world/tx.ts';
import { lockedOn, notifyUnmap } from './access.ts';
import { withIopt } from './copy.ts';
import { forgetUnmapped } from './dirty.ts';
import { dmabufBehind } from './dmabuf.ts';
import { firstOverlap, type Interval, insertSorted } from './interval.ts';
import { mapPages } from './iopt/map.ts';
import { type Pages, pagesOf } from './iopt/pages.ts';
import { setAllowed } from './iopt/reserved.ts';
import { EMPTY_IOPT, iovaRanges } from './iopt/table.ts';
import { unmapRange } from './iopt/unmap.ts';
import { itsPageAt } from './its-file.ts';
import { memoryEnv } from './memory-env.ts';
import { newPages } from './mock-state.ts';
import { allocObject, getOf, mustGet, putObject } from './object-table.ts';
import type { Ioas } from './objects.ts';
import type { Objects } from './operations.ts';
import { readBytes } from './user-data.ts';

const MAP_FLAGS = IOAS_MAP.FIXED_IOVA | IOAS_MAP.WRITEABLE | IOAS_MAP.READABLE;
const PROTECTIONS = IOAS_MAP.WRITEABLE | IOAS_MAP.READABLE;

/** struct iommu_iova_range: first and last. */
const RANGE_BYTES = 16;

export function ioasAlloc(tx: Tx, ctx: number, args: CommandArgs['ioasAlloc']): Result {
  if (args.flags !== 0) return refused('EOPNOTSUPP');
  const id = allocObject(tx, ctx, { type: 'ioas', users: 1, iopt: EMPTY_IOPT, hwpts: [] });
  return done({ outIoasId: id });
}

export const IOAS_OBJECTS: Objects<'ioas'> = {
  ioas: {
    destroy(tx, ctx, id) {
      const context = contextAt(tx, ctx);
      if (context.compatIoas === id) putContext(tx, ctx, { ...context, compatIoas: null });
    },
  },
};

/** Whose memory is mapped; nobody asks as long as no file is shared. */
function memoryOf(tx: Tx, actor: string): Pick<Pages, 'mm'> {
  return sharesFiles(tx) ? { mm: actor } : {};
}

/** The number of pages that are new. */
function together(tx: Tx): Pick<Pages, 'pages'> {
  const pages = newPages(tx);
  return pages === undefined ? {} : { pages };
}

function lacksProtection(tx: Tx, flags: number): boolean {
  return (flags & PROTECTIONS) === 0 && tx.rules.iommufd.mapNeedsProtection;
}

/** IOMMU_IOAS_MAP (rule R-9). */
export function ioasMap(tx: Tx, ctx: number, args: CommandArgs['ioasMap'], actor: string): Result {
  if ((args.flags & ~MAP_FLAGS) !== 0 || args.reserved !== 0) return refused('EOPNOTSUPP');
  if (args.iova >= ULONG_MAX || args.length >= ULONG_MAX) return refused('EOVERFLOW');
  if (lacksProtection(tx, args.flags)) return refused('EINVAL');
  const ioas = getOf(tx, ctx, args.ioasId, 'ioas');
  if (ioas === null) return refused('ENOENT');
  if (args.userVa + args.length > ULONG_MAX && tx.rules.iommufd.mapChecksUserAddress)
    return refused('EOVERFLOW');
  const writeable = (args.flags & IOAS_MAP.WRITEABLE) !== 0;
  const page = itsPageAt(tx, actor, args.userVa, args.length);
  const doorbell = page === null ? {} : { doorbell: { page, its: null } };
  const pages: Pages[] = [
    { va: args.userVa, length: args.length, writeable, ...doorbell, ...together(tx), ...memoryOf(tx, actor) },
  ];
  const outcome = place(tx, ctx, args.ioasId, ioas, pages, args.length, args.flags, args.iova);
  return typeof outcome === 'bigint' ? done({ iova: outcome }) : outcome;
}

/** Maps user memory at a fixed address; gives that, or why not. */
export function mapUserMemory(
  tx: Tx,
  ctx: number,
  id: number,
  va: bigint,
  length: bigint,
  iova: bigint,
  { readable, writeable }: { readonly readable: boolean; readonly writeable: boolean },
  actor: string,
): bigint | Result {
  const flags =
    IOAS_MAP.FIXED_IOVA | (readable ? IOAS_MAP.READABLE : 0) | (writeable ? IOAS_MAP.WRITEABLE : 0);
  const pages: Pages[] = [{ va, length, writeable, ...together(tx), ...memoryOf(tx, actor) }];
  return place(tx, ctx, id, mustGet(tx, ctx, id, 'ioas'), pages, length, flags, iova);
}

/** IOMMU_IOAS_COPY (rule R-12): the same pages in another, or the same, IOAS. */
export function ioasCopy(tx: Tx, ctx: number, args: CommandArgs['ioasCopy']): Result {
  if ((args.flags & ~MAP_FLAGS) !== 0) return refused('EOPNOTSUPP');
  if (args.length >= ULONG_MAX || args.srcIova >= ULONG_MAX || args.dstIova >= ULONG_MAX) {
    return refused('EOVERFLOW');
  }
  if (lacksProtection(tx, args.flags)) return refused('EINVAL');
  const source = getOf(tx, ctx, args.srcIoasId, 'ioas');
  if (source === null) return refused('ENOENT');
  const pages = pagesOf(source.iopt, args.srcIova, args.length, tx.rules);
  if (typeof pages === 'string') return refused(pages);
  const target = getOf(tx, ctx, args.dstIoasId, 'ioas');
  if (target === null) return refused('ENOENT');
  const outcome = place(tx, ctx, args.dstIoasId, target, pages, args.length, args.flags, args.dstIova);
  return typeof outcome === 'bigint' ? done({ dstIova: outcome }) : outcome;
}

function place(
  tx: Tx,
  ctx: number,
  id: number,
  ioas: Ioas,
  pages: readonly Pages[],
  length: bigint,
  flags: number,
  iova: bigint,
): bigint | Result {
  const placement = {
    iova: (flags & IOAS_MAP.FIXED_IOVA) !== 0 ? iova : null,
    readable: (flags & IOAS_MAP.READABLE) !== 0,
    writeable: (flags & IOAS_MAP.WRITEABLE) !== 0,
  };
  const domains = {
    some: ioas.hwpts.length > 0,
    writableOnly: ioas.hwpts.some(
      (hwpt) => mustGet(tx, ctx, hwpt, 'hwptPaging').domain.geometry.writableOnly === true,
    ),
  };
  const mapped = mapPages(ioas.iopt, pages, length, placement, domains, memoryEnv(tx), tx.rules);
  if (typeof mapped === 'string') return refused(mapped);
  putObject(tx, ctx, id, withIopt(ioas, mapped.iopt));
  return mapped.iova;
}

/** IOMMU_IOAS_UNMAP (rule R-11): not atomic; (0, U64_MAX) takes everything, even nothing. */
export function ioasUnmap(tx: Tx, ctx: number, args: CommandArgs['ioasUnmap']): Result {
  const ioas = getOf(tx, ctx, args.ioasId, 'ioas');
  if (ioas === null) return refused('ENOENT');
  const all = args.iova === 0n && args.length === ULONG_MAX;
  if (!all) {
    if (args.iova >= ULONG_MAX || args.length >= ULONG_MAX) return refused('EOVERFLOW');
    if (args.length === 0n) return refused('EINVAL');
    if (args.iova + args.length - 1n > ULONG_MAX) return refused('EOVERFLOW');
  }
  const last = all ? ULONG_MAX : args.iova + args.length - 1n;
  const locked = lockedOn(tx, ctx, args.ioasId);
  const { iopt, bytes, errno } = unmapRange(ioas.iopt, args.iova, last, locked);
  if (iopt !== ioas.iopt) {
    putObject(tx, ctx, args.ioasId, withIopt(ioas, iopt));
    notifyUnmap(tx, ctx, args.ioasId, ioas.iopt, iopt);
    forgetUnmapped(tx, ctx, ioas, iopt);
  }
  if (errno !== null && !(all && errno === 'ENOENT')) {
    tx.keep = true;
    return refused(errno);
  }
  return done({ length: bytes });
}

/** IOMMU_IOAS_IOVA_RANGES (rule R-15): EMSGSIZE, with the count, when the buffer is too small. */
export function ioasIovaRanges(tx: Tx, ctx: number, args: CommandArgs['ioasIovaRanges']): Result {
  if (args.reserved !== 0) return refused('EOPNOTSUPP');
  const ioas = getOf(tx, ctx, args.ioasId, 'ioas');
  if (ioas === null) return refused('ENOENT');
  const ranges = iovaRanges(ioas.iopt);
  const written = ranges.slice(0, args.numIovas);
  if (written.length > 0 && args.allowedIovas !== 'buffer') return refused('EFAULT');
  const out = {
    numIovas: ranges.length,
    outIovaAlignment: ioas.iopt.alignment,
    data: written.flatMap((range) => [range.start, range.last]),
  };
  return ranges.length > args.numIovas ? refused('EMSGSIZE', out) : done(out);
}

/** IOMMU_IOAS_ALLOW_IOVAS (rule R-13). */
export function ioasAllowIovas(tx: Tx, ctx: number, args: CommandArgs['ioasAllowIovas']): Result {
  if (args.reserved !== 0) return refused('EOPNOTSUPP');
  const ioas = getOf(tx, ctx, args.ioasId, 'ioas');
  if (ioas === null) return refused('ENOENT');
  let allowed: readonly Interval[] = [];
  for (let i = 0; i < args.numIovas; i++) {
    const start = args.data === null ? null : readBytes(args.data, i * RANGE_BYTES, 8);
    const last = args.data === null ? null : readBytes(args.data, i * RANGE_BYTES + 8, 8);
    if (start === null || last === null) return refused('EFAULT');
    if (start >= last || firstOverlap(allowed, start, last) !== undefined) return refused('EINVAL');
    allowed = insertSorted(allowed, { start, last });
  }
  const iopt = setAllowed(ioas.iopt, allowed);
  if (typeof iopt === 'string') return refused(iopt);
  putObject(tx, ctx, args.ioasId, withIopt(ioas, iopt));
  return done();
}

/** IOMMU_IOAS_MAP_FILE (rule R-18): of a dma-buf, or of a file in memory. */
export function ioasMapFile(tx: Tx, ctx: number, args: CommandArgs['ioasMapFile'], actor: string): Result {
  if ((args.flags & ~MAP_FLAGS) !== 0) return refused('EOPNOTSUPP');
  if (args.iova >= ULONG_MAX || args.length >= ULONG_MAX) return refused('EOVERFLOW');
  if (lacksProtection(tx, args.flags)) return refused('EINVAL');
  const ioas = getOf(tx, ctx, args.ioasId, 'ioas');
  if (ioas === null) return refused('ENOENT');
  if (args.length === 0n) return refused('EINVAL');
  if (args.start + args.length - 1n > ULONG_MAX) return refused('EOVERFLOW');
  const behind = behindFd(tx, actor, args.fileFd, args.start, args.length);
  if (typeof behind === 'string') return refused(behind);
  const writeable = (args.flags & IOAS_MAP.WRITEABLE) !== 0;
  const pages: Pages[] = [{ va: args.start, length: args.length, writeable, ...behind, ...together(tx) }];
  const outcome = place(tx, ctx, args.ioasId, ioas, pages, args.length, args.flags, args.iova);
  if (behind.file !== undefined && typeof outcome === 'bigint') noteMapped(tx, behind.file);
  return typeof outcome === 'bigint' ? done({ iova: outcome }) : outcome;
}

/**
 * What is behind a descriptor (iopt_map_file_pages()). A file that is no dma-buf is taken for one in memory; that it is none
 * is found out at once, or where the kernel takes any file, when its pages are first pinned (F-12).
 */
function behindFd(
  tx: Tx,
  actor: string,
  fd: number,
  start: bigint,
  length: bigint,
): Pick<Pages, 'dmabuf' | 'file'> | Errno {
  const file = fileOf(tx, actor, fd);
  if (file === null) return 'EBADF';
  if (file.of.kind === 'dmabuf') {
    const dmabuf = dmabufBehind(tx, actor, fd, start, length);
    return typeof dmabuf === 'string' ? dmabuf : { dmabuf };
  }
  return file.of.kind === 'memory' || tx.rules.iommufd.mapFileTakesAny ? { file: file.index } : 'EINVAL';
}

/** From now on the file can outlive its descriptors. */
function noteMapped(tx: Tx, index: number): void {
  const file = tx.world.files[index] ?? null;
  if (file !== null && file.mapped !== true) putFile(tx, index, { ...file, mapped: true });
}
