import type { Errno } from '../../spec/errno.ts';
import type { Tx } from '../world/tx.ts';
import { type Area, canPin, type IoPageTable, pinErrno } from './iopt.ts';

/** What an access wants of an IOAS. */
export interface AccessRange {
  readonly iova: bigint;
  readonly length: bigint;
  readonly write: boolean;
}

/** The areas from the range's start on, as far as they follow one another. */
export function contiguousAreas(
  { areas }: IoPageTable,
  { iova, length }: Omit<AccessRange, 'write'>,
): readonly Area[] {
  const found: Area[] = [];
  let at = iova;
  for (const area of areas) {
    if (area.last < at || at > iova + length - 1n) continue;
    if (area.start > at || area.filling === true) break;
    found.push(area);
    at = area.last + 1n;
  }
  return found;
}

/**
 * What is wrong with the first of the areas that will not do; then whether they are enough. `unit`: pages are asked for, and an
 * area must begin with one; it must end with one, too, where another follows, or where the caller asks for whole ones (`whole`).
 */
export function checkAreas(
  tx: Tx,
  areas: readonly Area[],
  { iova, length, write }: AccessRange,
  unit: bigint,
  whole = true,
): Errno | null {
  const last = iova + length - 1n;
  for (const area of areas) {
    // Pages are user memory: there are none behind a dma-buf or a doorbell.
    if (area.dmabuf !== undefined && tx.rules.accesses.pinsDmabuf) continue;
    if (area.dmabuf !== undefined || area.doorbell !== undefined) return 'EINVAL';
    const from = area.start > iova ? area.start : iova;
    const to = area.last < last ? area.last : last;
    if ((area.va + (from - area.start)) % unit !== 0n) return 'EINVAL';
    const goesOn = area.last < last;
    if ((whole || goesOn) && (area.va + (to - area.start) + 1n) % unit !== 0n) return 'EINVAL';
    if (write && !area.pagesWriteable) return 'EPERM';
    const part = { va: area.va + (from - area.start) };
    if (area.file !== undefined) {
      const env = { ...tx.world.platform, files: tx.world.files };
      const errno = pinErrno({ ...part, file: area.file }, to - from + 1n, area.pagesWriteable, env);
      if (errno !== null) return errno;
    } else if (!canPin(part, to - from + 1n, area.pagesWriteable, tx.world.platform)) return 'EFAULT';
  }
  const end = areas.at(-1);
  return end === undefined || end.last < last ? 'ENOENT' : null;
}
