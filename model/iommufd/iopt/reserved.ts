import type { Errno } from '../../../spec/errno.ts';
import type { Rules } from '../../world/rules.ts';
import { firstOverlap, type Interval, insertSorted } from '../interval.ts';
import { type IoPageTable, type Owner, withReserved } from './table.ts';

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
