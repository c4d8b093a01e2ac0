import type { CommandArgs } from '../../model/world/command.ts';
import { ULONG_MAX } from '../../spec/iommufd/constants.ts';
import { type Answer, refusal } from '../answers/answer.ts';
import type { At } from '../answers/place.ts';
import { objectIn, objectOf } from '../look.ts';

/** IOMMU_HWPT_DIRTY_TRACKING_ENABLE and IOMMU_HWPT_GET_DIRTY_BITMAP_NO_CLEAR. */
const ENABLE = 1;
const NO_CLEAR = 1;

/** IOMMU_HWPT_SET_DIRTY_TRACKING: what was written before tracking begins is not told (iopt_set_dirty_tracking()). */
function hwptSetDirtyTracking(
  { ctx, context }: At,
  { flags, reserved, hwptId }: CommandArgs['hwptSetDirtyTracking'],
): Answer {
  // Kernels differ in what they say of a reserved field (F-13).
  if (reserved !== 0) return null;
  if (flags > ENABLE) return refusal('EOPNOTSUPP');
  const hwpt = objectOf(context, hwptId, 'hwptPaging');
  if (hwpt === null) return refusal('ENOENT');
  if (hwpt.dirty === undefined) return refusal('EOPNOTSUPP');
  return {
    errno: null,
    wrongIn({ world }) {
      const log = objectIn(world, ctx, hwptId, 'hwptPaging')?.dirty;
      if (log?.tracking !== (flags === ENABLE))
        return `writes of HWPT ${hwptId} are ${flags === ENABLE ? 'not ' : ''}tracked after SET_DIRTY_TRACKING`;
      return flags === ENABLE && log.pages.length > 0
        ? `HWPT ${hwptId} tells of ${log.pages.length} pages that were written before tracking began`
        : null;
    },
  };
}

/** IOMMU_HWPT_GET_DIRTY_BITMAP: a bit for each page of the caller's size that holds a byte of what was written. */
function hwptGetDirtyBitmap(at: At, args: CommandArgs['hwptGetDirtyBitmap']): Answer {
  const { ctx, context } = at;
  const { iova, length, pageSize, hwptId } = args;
  if (args.flags > NO_CLEAR || args.reserved !== 0) return refusal('EOPNOTSUPP');
  const hwpt = objectOf(context, hwptId, 'hwptPaging');
  if (hwpt === null) return refusal('ENOENT');
  // A length of 0 is that of the whole space.
  const last = length === 0n ? iova + ULONG_MAX : iova + length - 1n;
  if (last > ULONG_MAX) return refusal('EOVERFLOW');
  const { areas = [], alignment = 1n } = objectOf(context, hwpt.ioas, 'ioas')?.iopt ?? {};
  const isAligned = (to: bigint): boolean => iova % to === 0n && (last + 1n) % to === 0n;
  if (pageSize === 0n || !isAligned(alignment)) return refusal('EINVAL');
  // Sizes that are no power of two are not looked at.
  if ((pageSize & (pageSize - 1n)) !== 0n) return null;
  if (!isAligned(pageSize)) return refusal('EINVAL');
  if (hwpt.dirty === undefined) return refusal('EOPNOTSUPP');
  if (args.bitmapUptr !== 'buffer') return refusal('EFAULT');
  let covered = iova;
  for (const area of areas) if (area.start <= covered && area.last >= covered) covered = area.last + 1n;
  if (!hwpt.dirty.tracking || covered <= last) return refusal('EINVAL');
  const written = hwpt.dirty.pages.filter((page) => iova <= page && page <= last);
  const left = hwpt.dirty.pages.filter((page) => page < iova || page > last);
  const kept = args.flags === NO_CLEAR ? hwpt.dirty.pages : left;
  // Where a block has one flag, which pages it is of depends on how it was mapped.
  const told =
    hwpt.domain.geometry.dirtyBlock === undefined ? { out: { data: bitmapOf(written, args) } } : {};
  return {
    errno: null,
    ...told,
    wrongIn({ world }) {
      const pages = objectIn(world, ctx, hwptId, 'hwptPaging')?.dirty?.pages ?? [];
      return pages.length === kept.length && pages.every((page, nth) => page === kept[nth])
        ? null
        : `${pages.length} pages of HWPT ${hwptId} are still flagged after GET_DIRTY_BITMAP, where ${kept.length} are to be`;
    },
  };
}

function bitmapOf(
  written: readonly bigint[],
  { iova, pageSize }: CommandArgs['hwptGetDirtyBitmap'],
): readonly bigint[] {
  const words: bigint[] = [];
  for (const page of written) {
    const bit = (page - iova) / pageSize;
    const word = Number(bit / 64n);
    while (words.length <= word) words.push(0n);
    words[word] = (words[word] ?? 0n) | (1n << (bit % 64n));
  }
  return words;
}

export const DIRTY_ANSWERS = { hwptGetDirtyBitmap, hwptSetDirtyTracking } as const;
