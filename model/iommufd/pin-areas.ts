import type { Errno } from '../../spec/errno.ts';
import type { Tx } from '../world/tx.ts';
import { type Pages, pinErrno } from './iopt/pages.ts';
import type { Area, IoPageTable } from './iopt/table.ts';
import { memoryEnv } from './memory-env.ts';

/** What an access wants of an IOAS. */
export interface AccessRange {
  readonly iova: bigint;
  readonly length: bigint;
  readonly write: boolean;
  /** The process's memory is gone through, as long as it is there, and not what is pinned of it; absent: no. */
  readonly asProcess?: true;
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

/** What pinning asks of an area. */
function partOf({ file, mm, pages }: Area, asProcess: boolean): Pick<Pages, 'file' | 'mm' | 'pages'> {
  const isAsked = pages !== undefined && (!asProcess || mm === null);
  return {
    ...(file === undefined ? {} : { file }),
    ...(mm === undefined ? {} : { mm }),
    ...(isAsked ? { pages } : {}),
  };
}

/**
 * What is wrong with the first of the areas that will not do; then whether they are enough. `unit`: pages are asked for, and an
 * area must begin with one; it must end with one, too, where another follows, or where the caller asks for whole ones (`whole`).
 */
export function checkAreas(
  tx: Tx,
  areas: readonly Area[],
  { iova, length, write, asProcess }: AccessRange,
  unit: bigint,
  whole = true,
): Errno | null {
  const last = iova + length - 1n;
  const env = memoryEnv(tx);
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
    const part = { ...partOf(area, asProcess === true), va: area.va + (from - area.start) };
    const errno = pinErrno(part, to - from + 1n, area.pagesWriteable, env);
    if (errno !== null) return errno;
  }
  const end = areas.at(-1);
  return end === undefined || end.last < last ? 'ENOENT' : null;
}
