import { MSI_WINDOW } from '../../model/iommufd/drivers/smmuv3.ts';
import type { UserMemory } from '../../model/platform/platform.ts';
import { ULONG_MAX } from '../../spec/iommufd/constants.ts';
import { type Draw, pick } from './choice.ts';

export const PAGE = 0x1000n;

/** Few places in the low IOVA space, so that ranges meet each other. */
const NEAR = 16;

/** The ends of what IOVA spaces end at: the MSI window, the apertures of stage 2 and stage 1, the space itself. */
const EDGES: readonly bigint[] = [
  0n,
  MSI_WINDOW.start - PAGE,
  MSI_WINDOW.start,
  MSI_WINDOW.last + 1n - PAGE,
  MSI_WINDOW.last + 1n,
  (1n << 44n) - PAGE,
  1n << 44n,
  (1n << 48n) - PAGE,
  1n << 48n,
  ULONG_MAX - PAGE + 1n,
];

/** IOVAs that no domain's alignment allows; the last of them no call takes (rule R-9). */
const UNALIGNED: readonly bigint[] = [0x1_0800n, 0x2_0010n, 0x1_0001n, ULONG_MAX];

/** What tables and large pages end at: ranges begin, end and go on across these. */
const BOUNDARIES: readonly bigint[] = [0x1_0000n, 0x20_0000n, 0x4000_0000n, 0x80_0000_0000n];

/** A start of a range: mostly low, at times at an edge or some pages beside a boundary, seldom unaligned. */
export function drawIova(draw: Draw): bigint {
  const kind = draw(24);
  if (kind === 0) return pick(UNALIGNED, draw);
  if (kind < 4) return pick(EDGES, draw);
  if (kind < 7) return pick(BOUNDARIES, draw) + BigInt(draw(9) - 4) * PAGE;
  if (kind < 9) return BigInt(1 + draw(4 * NEAR)) * PAGE;
  return BigInt(1 + draw(NEAR)) * 0x4000n;
}

/**
 * A number of pages, at most 2^bits or so: one, a few, a power of two or one page beside it, or any sum of two of them.
 * So every bit is set and clear, and what counts in powers of two carries.
 */
export function drawPages(bits: number, draw: Draw): bigint {
  const power = (): bigint => 1n << BigInt(draw(bits + 1));
  switch (draw(4)) {
    case 0:
      return BigInt(1 + draw(8));
    case 1:
      return power();
    case 2: {
      const pages = power() + BigInt(draw(3) - 1);
      return pages === 0n ? 1n : pages;
    }
    default:
      return power() + power();
  }
}

/** Pages that fit the memory that processes have here: 2^10 of them. */
const MEMORY_BITS = 9;

/** Lengths that end in a page, or that no process has memory for. */
const ODD_LENGTHS: readonly bigint[] = [0x800n, 0x10n, PAGE + 0x800n, 0x40_0000n, 0x80_0000n, 1n << 63n];

/** Bytes: mostly a page or a few, at times many. */
export function drawLength(draw: Draw): bigint {
  const kind = draw(20);
  if (kind === 0) return pick(ODD_LENGTHS, draw);
  if (kind < 11) return PAGE;
  if (kind < 16) return BigInt(2 + draw(3)) * PAGE;
  return drawPages(MEMORY_BITS, draw) * PAGE;
}

/** A user address at which no process has anything. */
export const NOWHERE = 0x1000n;

/** The last page of the address space: nothing longer fits behind it. */
export const LAST_PAGE = ULONG_MAX - PAGE + 1n;

/** Bytes that a large area of user memory may be aligned to. */
const HUGE = 0x20_0000n;

/** The first address in memory from `start` on that a large area may begin at. */
export function alignedIn(start: bigint): bigint {
  return (start | (HUGE - 1n)) + 1n;
}

/** User addresses: in the process's memory, aligned to much or little, at its end, or where nothing is mapped. */
export function drawUserVa(memory: readonly UserMemory[], draw: Draw): bigint {
  const { start, last } = pick(memory, draw);
  switch (draw(24)) {
    case 0:
      return NOWHERE;
    case 1:
      return last + 1n - PAGE;
    case 2:
      return start + 0x80n;
    case 3:
    case 4:
      return alignedIn(start);
    default:
      return start + BigInt(draw(NEAR)) * PAGE;
  }
}
