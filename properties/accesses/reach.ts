import type { Area } from '../../model/iommufd/iopt/table.ts';
import type { ObjectOf } from '../../model/iommufd/objects.ts';
import { fileOf } from '../../model/world/files.ts';
import type { World } from '../../model/world/world.ts';
import type { Errno } from '../../spec/errno.ts';
import { ULONG_MAX } from '../../spec/iommufd/constants.ts';
import { cannotPin } from '../answers/pages.ts';
import { objectIn } from '../look.ts';

/** An access, and what its IOAS maps. */
export interface AccessAt {
  readonly ctx: number;
  readonly id: number;
  readonly access: ObjectOf<'access'>;
  /** Null: it is on no IOAS. */
  readonly areas: readonly Area[] | null;
}

export function accessAt(world: World, ctx: number, id: number): AccessAt | null {
  const access = objectIn(world, ctx, id, 'access');
  if (access === null) return null;
  const ioas = access.ioas === null ? null : objectIn(world, ctx, access.ioas, 'ioas');
  return { ctx, id, access, areas: ioas?.iopt.areas ?? null };
}

/** The access that a file of the selftests stands for; null: the descriptor is of none. */
export function accessOf(world: World, actor: string, fd: number): AccessAt | null {
  const of = fileOf({ world }, actor, fd)?.of;
  return of?.kind === 'mockAccess' ? accessAt(world, of.ctx, of.id) : null;
}

/** A range that an access is to reach. */
export interface Wanted {
  readonly iova: bigint;
  readonly length: bigint;
  readonly write: boolean;
  /** What is pinned of each area begins and ends with one of these of a process. */
  readonly unit: bigint;
  /** Of the last area, too; else any byte will do there. */
  readonly endsWhole: boolean;
}

/** What speaks against reaching a range (rule R-17): the range, or the first of its areas that will not do. */
export function objection(
  world: World,
  { areas }: Pick<AccessAt, 'areas'>,
  { iova, length, write, unit, endsWhole }: Wanted,
): Errno | null {
  if (length === 0n) return 'EINVAL';
  if (iova + length - 1n > ULONG_MAX) return 'EOVERFLOW';
  if (areas === null) return 'ENOENT';
  const end = iova + length;
  for (let at = iova; at < end; ) {
    const area = areas.find(({ start, last }) => start <= at && at <= last);
    if (area === undefined || area.filling === true) return 'ENOENT';
    if (area.dmabuf !== undefined || area.doorbell !== undefined) return 'EINVAL';
    const va = area.va + (at - area.start);
    const next = area.last + 1n < end ? area.last + 1n : end;
    if (va % unit !== 0n) return 'EINVAL';
    if ((next < end || endsWhole) && (va + next - at) % unit !== 0n) return 'EINVAL';
    if (write && !area.pagesWriteable) return 'EPERM';
    const errno = cannotPin(world, { ...area, va }, next - at);
    if (errno !== null) return errno;
    at = next;
  }
  return null;
}

/** User addresses and lengths behind a range that nothing speaks against, area by area. */
export function piecesOf(
  { areas }: Pick<AccessAt, 'areas'>,
  { iova, length }: Pick<Wanted, 'iova' | 'length'>,
): readonly bigint[] {
  const pieces: bigint[] = [];
  const end = iova + length;
  for (let at = iova; at < end; ) {
    const area = areas?.find(({ start, last }) => start <= at && at <= last);
    if (area === undefined) break;
    const next = area.last + 1n < end ? area.last + 1n : end;
    pieces.push(area.va + (at - area.start), next - at);
    at = next;
  }
  return pieces;
}
