import type { Area } from '../iommufd/iopt/table.ts';
import { mockOf } from '../iommufd/mock-state.ts';
import type { Tx } from '../world/tx.ts';

/** Anonymous memory: the place of a byte is its address. */
const ANONYMOUS = -1;

/** Where a byte really is, and how many bytes from it on follow one another there. */
export interface Frame {
  /** A file (`World.files`), or anonymous memory. */
  readonly space: number;
  readonly at: bigint;
  readonly left: bigint;
}

export function least(a: bigint, ...others: readonly bigint[]): bigint {
  return others.reduce((least, each) => (each < least ? each : least), a);
}

/** What is behind a user address; null where nothing is mapped. */
export function frameOf(tx: Tx, va: bigint): Frame | null {
  const region = tx.world.platform.userMemory.find(({ start, last }) => start <= va && va <= last);
  if (region === undefined) return null;
  let left = region.last - va + 1n;
  const mapped = mockOf(tx).mappings.findLast((each) => each.va <= va && va < each.va + each.length);
  for (const each of mockOf(tx).mappings) if (each.va > va) left = least(left, each.va - va);
  if (mapped === undefined) return { space: ANONYMOUS, at: va, left };
  return { space: mapped.file, at: va - mapped.va, left: least(left, mapped.va + mapped.length - va) };
}

/** Whether all of a stretch of user memory is there. */
export function isThere(tx: Tx, va: bigint, length: bigint): boolean {
  for (let at = 0n; at < length; ) {
    const frame = frameOf(tx, va + at);
    if (frame === null) return false;
    at += frame.left;
  }
  return true;
}

/** What is behind an IOVA of an area; null where it is no memory of a process or file. */
export function frameIn(tx: Tx, area: Area, iova: bigint): Frame | null {
  const left = area.last - iova + 1n;
  const at = area.va + (iova - area.start);
  if (area.dmabuf !== undefined || area.doorbell !== undefined) return null;
  if (area.file !== undefined) return { space: area.file, at, left };
  const frame = frameOf(tx, at);
  return frame === null ? null : { ...frame, left: least(left, frame.left) };
}

/** How far the areas of an IOAS map the same memory as user addresses do: `same` of the bytes; `there`: the rest is there at all. */
export function compare(
  tx: Tx,
  areas: readonly Area[],
  iova: bigint,
  va: bigint,
  length: bigint,
): 'same' | 'other' | 'absent' {
  for (let at = 0n; at < length; ) {
    const user = frameOf(tx, va + at);
    if (user === null) return 'absent';
    const area = areas.find(({ start, last }) => start <= iova + at && iova + at <= last);
    const frame = area === undefined ? null : frameIn(tx, area, iova + at);
    if (frame === null || frame.space !== user.space || frame.at !== user.at) return 'other';
    at += least(user.left, frame.left);
  }
  return 'same';
}
