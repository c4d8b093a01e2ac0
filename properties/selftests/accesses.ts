import type { Area } from '../../model/iommufd/iopt/table.ts';
import type { CommandArgs } from '../../model/world/command.ts';
import type { World } from '../../model/world/world.ts';
import type { Errno } from '../../spec/errno.ts';
import { type AccessAt, accessOf, objection, piecesOf } from '../accesses/reach.ts';
import { type Answer, refusal } from '../answers/answer.ts';
import { hex, objectIn, objectOf } from '../look.ts';
import type { Violation } from '../property.ts';
import { type At, hasMemory, hasMemoryIn, memoryBehind } from './look.ts';

/** Flags and bounds of accesses (drivers/iommu/iommufd/iommufd_test.h, selftest.c). */
const NEEDS_PIN_PAGES = 1;
const WRITE = 1;
const SLOW_PATH = 4;
const SYZ = 0x1_0000;
const MOST_BYTES = 16n << 20n;

/** A test's access behind a step, where it is to be as it should. */
function wrongAccess(
  { ctx, id }: Pick<AccessAt, 'ctx' | 'id'>,
  is: (access: AccessAt['access']) => boolean,
  what: string,
) {
  return ({ world }: { readonly world: World }): Violation => {
    const access = objectIn(world, ctx, id, 'access');
    return access !== null && is(access) ? null : `access ${id} ${what}`;
  };
}

/** CREATE_ACCESS: one that pins needs areas of whole pages, of which nothing is said here. */
function mockCreateAccess(
  { world, context, actor }: At,
  { ioasId, flags }: CommandArgs['mockCreateAccess'],
): Answer {
  if ((flags & ~NEEDS_PIN_PAGES) !== 0) return refusal('EOPNOTSUPP');
  const ioas = objectOf(context, ioasId, 'ioas');
  if (ioas === null) return refusal('ENOENT');
  const pins = (flags & NEEDS_PIN_PAGES) !== 0;
  if (pins && !arePages(ioas.iopt.areas, world.platform.kernel.pageSize)) return null;
  return {
    errno: null,
    wrongIn({ world: after, result }) {
      const made = accessOf(after, actor, Number(result.out.outAccessFd ?? -1));
      const isSo =
        made !== null &&
        made.access.ioas === ioasId &&
        made.access.pins.length === 0 &&
        (made.access.anyByte !== true) === pins;
      return isSo ? null : `CREATE_ACCESS makes no access of IOAS ${ioasId} as it was asked for`;
    },
  };
}

function arePages(areas: readonly Area[], page: bigint): boolean {
  return areas.every(({ start, last, va }) => [start, last + 1n, va].every((each) => each % page === 0n));
}

/** ACCESS_REPLACE_IOAS. */
function mockReplaceIoas({ world, actor }: At, { accessFd, ioasId }: CommandArgs['mockReplaceIoas']): Answer {
  const found = accessOf(world, actor, accessFd);
  if (found === null) return refusal('EBADFD');
  const { ctx, access } = found;
  if (access.ioas === null) return refusal('ENOENT');
  const ioas = objectIn(world, ctx, ioasId, 'ioas');
  if (ioas === null) return refusal('ENOENT');
  if (access.anyByte !== true && !arePages(ioas.iopt.areas, world.platform.kernel.pageSize)) return null;
  const keeps = access.ioas === ioasId;
  return {
    errno: null,
    wrongIn: wrongAccess(
      found,
      (now) => now.ioas === ioasId && now.pins.length === (keeps ? access.pins.length : 0),
      `is to be on IOAS ${ioasId}`,
    ),
  };
}

/** ACCESS_PAGES. */
function mockPin(
  { world, actor }: At,
  { accessFd, iova, length, uptr, flags }: CommandArgs['mockPin'],
): Answer {
  if (length > MOST_BYTES) return refusal('ENOMEM');
  if ((flags & ~(WRITE | SYZ)) !== 0) return refusal('EOPNOTSUPP');
  const found = accessOf(world, actor, accessFd);
  if (found === null) return refusal('EBADFD');
  const { access, areas } = found;
  if (access.anyByte === true) return refusal('EOPNOTSUPP');
  if ((flags & SYZ) !== 0) return null;
  const unit = world.platform.kernel.pageSize;
  const wanted = { iova, length, write: (flags & WRITE) !== 0, unit, endsWhole: false };
  const errno = objection(world, found, wanted);
  if (errno !== null) return refusal(errno);
  const different = uptr === 0n ? null : notTheCallers(world, areas ?? [], { iova, length, uptr, unit });
  if (different !== null) return refusal(different);
  return {
    errno: null,
    wrongIn({ world: after, result }) {
      const now = accessOf(after, actor, accessFd)?.access.pins ?? [];
      const id = Number(result.out.outAccessPagesId ?? -1);
      const [made, ...others] = now.filter((each) => each.id === id);
      const isSo =
        made?.start === iova &&
        made.last === iova + length - 1n &&
        others.length === 0 &&
        now.length === access.pins.length + 1;
      return isSo ? null : `ACCESS_PAGES keeps no pages of ${hex(iova)} under ${id}`;
    },
  };
}

interface Compared {
  readonly iova: bigint;
  readonly length: bigint;
  readonly uptr: bigint;
  readonly unit: bigint;
}

/** Whole pages that are pinned are looked at one after the other: each must be the caller's. */
function notTheCallers(
  world: World,
  areas: readonly Area[],
  { iova, length, uptr, unit }: Compared,
): Errno | null {
  const shift = iova % unit;
  for (let at = 0n; at < length + shift; at += unit) {
    const va = uptr - shift + at;
    if (!hasMemory(world, va)) return 'EFAULT';
    // Of the first page and the last one, what is mapped of them: an area may begin or end in their middle.
    const first = at === 0n ? shift : 0n;
    const behind = memoryBehind(areas, iova - shift + at + first);
    if (behind === null || behind !== va + first) return 'EBADE';
  }
  return null;
}

/** DESTROY_ACCESS_PAGES. */
function mockUnpin({ world, actor }: At, { accessFd, accessPagesId }: CommandArgs['mockUnpin']): Answer {
  const found = accessOf(world, actor, accessFd);
  if (found === null) return refusal('EBADFD');
  const left = found.access.pins.filter(({ id }) => id !== accessPagesId);
  if (left.length === found.access.pins.length) return refusal('ENOENT');
  return {
    errno: null,
    wrongIn: wrongAccess(
      found,
      ({ pins }) => pins.length === left.length && left.every((each) => pins.includes(each)),
      `is to have unpinned ${accessPagesId}, and nothing else`,
    ),
  };
}

/** ACCESS_RW: what is written must be there before, what is read into behind. */
function mockRw(
  { world, actor }: At,
  { accessFd, iova, length, uptr, flags }: CommandArgs['mockRw'],
): Answer {
  if (length > MOST_BYTES) return refusal('ENOMEM');
  if ((flags & ~(WRITE | SLOW_PATH | SYZ)) !== 0) return refusal('EOPNOTSUPP');
  const found = accessOf(world, actor, accessFd);
  if (found === null) return refusal('EBADFD');
  const write = (flags & WRITE) !== 0;
  const isThere = hasMemoryIn(world, uptr, length);
  if (write && !isThere) return refusal('EFAULT');
  if ((flags & SYZ) !== 0) return null;
  const wanted = { iova, length, write, unit: 1n, endsWhole: false };
  const errno = objection(world, found, wanted);
  if (errno !== null) return refusal(errno);
  if (!isThere) return refusal('EFAULT');
  return { errno: null, out: { pieces: piecesOf(found, wanted) } };
}

export const ACCESS_ANSWERS = {
  mockCreateAccess,
  mockPin,
  mockReplaceIoas,
  mockRw,
  mockUnpin,
} as const;
