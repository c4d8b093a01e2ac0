import type { IoPageTable } from '../../model/iommufd/iopt/table.ts';
import type { KernelConfig } from '../../model/platform/platform.ts';
import type { Errno } from '../../spec/errno.ts';
import { ULONG_MAX } from '../../spec/iommufd/constants.ts';

interface Range {
  readonly start: bigint;
  readonly last: bigint;
}

const meets = (a: Range, b: Range): boolean => a.start <= b.last && b.start <= a.last;

/** Why a mapping may not be at an IOVA (rule R-9): null where it may. */
export function objection(
  { areas, reserved, alignment }: IoPageTable,
  start: bigint,
  length: bigint,
): Errno | null {
  if (start % alignment !== 0n) return 'EINVAL';
  const range = { start, last: start + length - 1n };
  if (range.last > ULONG_MAX) return 'EOVERFLOW';
  if (reserved.some((each) => meets(each, range))) return 'EINVAL';
  return areas.some((each) => meets(each, range)) ? 'EEXIST' : null;
}

/**
 * The IOVA that the kernel chooses: the first one, behind the first page and before the last, that is free and allowed, and aligned
 * as the length and the user address are, to no more than a huge page (rule R-9; iopt_alloc_iova()).
 */
export function firstFit(
  iopt: IoPageTable,
  va: bigint,
  length: bigint,
  kernel: KernelConfig,
): bigint | Errno {
  if (length >= ULONG_MAX >> 1n) return 'EOVERFLOW';
  const alignment = alignmentFor(va, length, kernel.maxIovaAlignment);
  if (alignment < iopt.alignment) return 'EINVAL';
  const offset = va % kernel.pageSize;
  const fitIn = ({ start, last }: Range): bigint | null => {
    const aligned = start % alignment === 0n ? start : start - (start % alignment) + alignment;
    const iova = aligned | offset;
    return aligned <= ULONG_MAX && iova < last && last - iova + 1n >= length ? iova : null;
  };
  for (const range of allowedRanges(iopt, kernel.pageSize)) {
    // A range begins where its first address would be that fits, before anybody looks at what is taken.
    const start = fitIn(range);
    if (start === null) continue;
    const found = freeRanges(iopt, { start, last: range.last }).map(fitIn);
    const first = found.find((iova) => iova !== null);
    if (first !== undefined && first !== null) return first;
  }
  return 'ENOSPC';
}

function alignmentFor(va: bigint, length: bigint, most: bigint): bigint {
  let alignment = most;
  while (alignment > 1n && (alignment / 2n >= length || va % alignment !== 0n)) alignment /= 2n;
  return alignment;
}

/** What is allowed between the first page and the last one, ascending. */
function allowedRanges({ allowed }: IoPageTable, pageSize: bigint): readonly Range[] {
  const whole: Range = { start: pageSize, last: ULONG_MAX - pageSize };
  return allowed.length === 0 ? [whole] : allowed.flatMap((each) => common(each, whole));
}

/** What of a range is neither mapped nor reserved, ascending. */
function freeRanges({ areas, reserved }: IoPageTable, within: Range): readonly Range[] {
  let free: Range[] = [within];
  for (const taken of [...areas, ...reserved])
    free = free.flatMap((each) => [
      ...common(each, { start: 0n, last: taken.start - 1n }),
      ...common(each, { start: taken.last + 1n, last: ULONG_MAX }),
    ]);
  return free.toSorted((a, b) => (a.start < b.start ? -1 : 1));
}

function common(a: Range, b: Range): readonly Range[] {
  const start = a.start > b.start ? a.start : b.start;
  const last = a.last < b.last ? a.last : b.last;
  return start <= last ? [{ start, last }] : [];
}
