import { ULONG_MAX } from '../../spec/iommufd/constants.ts';
import type { CommandArgs, Words } from '../world/command.ts';
import { done, type Result, refused } from '../world/result.ts';
import type { Tx } from '../world/tx.ts';
import type { IoPageTable } from './iopt/table.ts';
import { getOf, mustGet, putObject } from './object-table.ts';
import type { DirtyLog, HwptPaging, Ioas } from './objects.ts';

const ENABLE = 1;
const NO_CLEAR = 1;

export const NO_LOG: DirtyLog = Object.freeze({ tracking: false, pages: Object.freeze([]) });

/** IOMMU_HWPT_SET_DIRTY_TRACKING: what was written before is not asked for, so the flags are cleared first. */
export function hwptSetDirtyTracking(tx: Tx, ctx: number, args: CommandArgs['hwptSetDirtyTracking']): Result {
  if ((args.flags & ~ENABLE) !== 0) return refused('EOPNOTSUPP');
  if (args.reserved !== 0 && tx.rules.iommufd.dirtyTrackingChecksReserved) return refused('EOPNOTSUPP');
  const hwpt = getOf(tx, ctx, args.hwptId, 'hwptPaging');
  if (hwpt === null) return refused('ENOENT');
  if (hwpt.dirty === undefined) return refused('EOPNOTSUPP');
  const tracking = (args.flags & ENABLE) !== 0;
  const pages = tracking ? [] : hwpt.dirty.pages;
  putObject(tx, ctx, args.hwptId, { ...hwpt, dirty: { tracking, pages } });
  return done();
}

/** IOMMU_HWPT_GET_DIRTY_BITMAP: one bit for each page of the size that is asked for, and the flags are clear after it. */
export function hwptGetDirtyBitmap(tx: Tx, ctx: number, args: CommandArgs['hwptGetDirtyBitmap']): Result {
  if ((args.flags & ~NO_CLEAR) !== 0 || args.reserved !== 0) return refused('EOPNOTSUPP');
  const hwpt = getOf(tx, ctx, args.hwptId, 'hwptPaging');
  if (hwpt === null) return refused('ENOENT');
  // A length of zero wraps to the whole space, as the kernel's unsigned arithmetic has it.
  const last = args.iova + BigInt.asUintN(64, args.length - 1n);
  if (last > ULONG_MAX) return refused('EOVERFLOW');
  const { iopt } = mustGet(tx, ctx, hwpt.ioas, 'ioas');
  const ends = args.iova | (last + 1n);
  if ((ends & (iopt.alignment - 1n)) !== 0n || args.pageSize === 0n) return refused('EINVAL');
  if ((ends & (args.pageSize - 1n)) !== 0n) return refused('EINVAL');
  if (hwpt.dirty === undefined) return refused('EOPNOTSUPP');
  // The pages of the bitmap are pinned before the driver is asked.
  if (args.bitmapUptr !== 'buffer') return refused('EFAULT');
  if (!hwpt.dirty.tracking || !isCovered(iopt, args.iova, last)) return refused('EINVAL');
  const inside = (page: bigint): boolean => args.iova <= page && page <= last;
  const bits = bitsOf(hwpt, iopt, hwpt.dirty.pages.filter(inside), args, last);
  if ((args.flags & NO_CLEAR) === 0 && bits.length > 0) {
    const pages = hwpt.dirty.pages.filter((page) => !inside(page));
    putObject(tx, ctx, args.hwptId, { ...hwpt, dirty: { tracking: true, pages } });
  }
  return done({ data: bitmap(bits) });
}

/** Bits of the pages that were written: of all of a block where one flag stands for it. */
function bitsOf(
  { domain }: HwptPaging,
  iopt: IoPageTable,
  pages: readonly bigint[],
  { iova, pageSize }: CommandArgs['hwptGetDirtyBitmap'],
  last: bigint,
): readonly bigint[] {
  const { dirtyBlock, minPage } = domain.geometry;
  if (dirtyBlock === undefined) return pages.map((page) => (page - iova) / pageSize);
  const bits = new Set<bigint>();
  for (const page of pages) {
    const blockSize = isWhole(iopt, page & -dirtyBlock, dirtyBlock) ? dirtyBlock : minPage;
    const start = page & -blockSize;
    const end = start + blockSize - 1n;
    for (let at = start > iova ? start : iova; at <= end && at <= last; at += pageSize)
      bits.add((at - iova) / pageSize);
  }
  return [...bits].sort((a, b) => (a < b ? -1 : 1));
}

/** Whether an area has a block as a whole, and memory that is aligned alike behind it. */
function isWhole({ areas }: IoPageTable, start: bigint, size: bigint): boolean {
  return areas.some(
    (area) =>
      area.start <= start && start + size - 1n <= area.last && ((area.va ^ area.start) & (size - 1n)) === 0n,
  );
}

/** Whether areas without a gap cover the range. */
function isCovered({ areas }: IoPageTable, start: bigint, last: bigint): boolean {
  let at = start;
  for (const area of areas) {
    if (area.last < at) continue;
    if (area.start > at) return false;
    if (area.last >= last) return true;
    at = area.last + 1n;
  }
  return false;
}

/** Words up to the last that has a bit set; those behind it are zero. */
function bitmap(bits: readonly bigint[]): Words {
  const words: bigint[] = [];
  for (const bit of bits) {
    const word = Number(bit >> 6n);
    while (words.length <= word) words.push(0n);
    words[word] = (words[word] as bigint) | (1n << (bit & 63n));
  }
  return words;
}

/** What is unmapped loses its flags: whoever wants to know of them reads the bitmap before. */
export function forgetUnmapped(tx: Tx, ctx: number, { hwpts }: Ioas, { areas }: IoPageTable): void {
  for (const id of hwpts) {
    const hwpt = mustGet(tx, ctx, id, 'hwptPaging');
    if (hwpt.dirty === undefined || hwpt.dirty.pages.length === 0) continue;
    const { tracking } = hwpt.dirty;
    const pages = hwpt.dirty.pages.filter((page) =>
      areas.some(({ start, last }) => start <= page && page <= last),
    );
    putObject(tx, ctx, id, { ...hwpt, dirty: { tracking, pages } });
  }
}

/** A device wrote these pages by way of a domain that tracks it. */
export function noteWritten(tx: Tx, ctx: number, id: number, written: readonly bigint[]): void {
  const hwpt = getOf(tx, ctx, id, 'hwptPaging');
  if (hwpt?.dirty?.tracking !== true) return;
  const { areas } = mustGet(tx, ctx, hwpt.ioas, 'ioas').iopt;
  const isMapped = (page: bigint): boolean => areas.some(({ start, last }) => start <= page && page <= last);
  const known = new Set(hwpt.dirty.pages);
  const pages = written.filter((page) => !known.has(page) && isMapped(page));
  if (pages.length === 0) return;
  const all = [...known, ...new Set(pages)].sort((a, b) => (a < b ? -1 : 1));
  putObject(tx, ctx, id, { ...hwpt, dirty: { tracking: true, pages: all } });
}
