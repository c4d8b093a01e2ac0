import { ULONG_MAX } from '../../spec/iommufd/constants.ts';
import { MOCK_ACCESS, MOCK_ACCESS_CREATE } from '../../spec/iommufd/selftest.ts';
import { beginMove, endAccess, endMove } from '../iommufd/access.ts';
import { withRefs } from '../iommufd/copy.ts';
import { putContextRef } from '../iommufd/destroy.ts';
import { allocObject, mustGet, putObject, removeObject } from '../iommufd/object-table.ts';
import type { Access } from '../iommufd/objects.ts';
import { checkAreas, contiguousAreas } from '../iommufd/pin-areas.ts';
import type { CommandArgs } from '../world/command.ts';
import { fileOf, installFile } from '../world/files.ts';
import type { OpenFile } from '../world/process.ts';
import { done, type Result, refused } from '../world/result.ts';
import { contextAt, putContext, type Tx } from '../world/tx.ts';
import { compare, isThere } from './memory.ts';

type AccessFile = Extract<OpenFile, { readonly kind: 'mockAccess' }>;

/** The table's reference and the driver's. */
const USERS = 2;

/** Of no mediated device. */
const NO_MDEV = -1;

/** Bytes that one operation may be about. */
const MOST_BYTES = 16n * 1024n * 1024n;

/** CREATE_ACCESS: an access, and a file that stands for its driver. */
export function createAccess(
  tx: Tx,
  ctx: number,
  { ioasId, flags }: CommandArgs['mockCreateAccess'],
  actor: string,
): Result {
  if ((flags & ~MOCK_ACCESS_CREATE.NEEDS_PIN_PAGES) !== 0) return refused('EOPNOTSUPP');
  const pins = (flags & MOCK_ACCESS_CREATE.NEEDS_PIN_PAGES) !== 0;
  const id = allocObject(tx, ctx, {
    type: 'access',
    users: USERS,
    mdev: NO_MDEV,
    ioas: null,
    moving: null,
    pins: [],
    ...(pins ? {} : { anyByte: true as const }),
    nextPin: 0,
  });
  const errno = beginMove(tx, ctx, id, ioasId);
  if (errno !== null) return refused(errno);
  endMove(tx, ctx, id);
  const context = contextAt(tx, ctx);
  putContext(tx, ctx, withRefs(context, context.refs + 1));
  return done({ outAccessFd: installFile(tx, actor, { kind: 'mockAccess', ctx, id }) });
}

/** The file is gone: everything is unpinned, and the access destroyed. */
export function releaseAccess(tx: Tx, { ctx, id }: AccessFile): void {
  endAccess(tx, ctx, id);
  removeObject(tx, ctx, id);
  putContextRef(tx, ctx);
}

/** The access that a descriptor stands for; null: it stands for none (EBADFD). */
function accessAt(tx: Tx, actor: string, fd: number): (AccessFile & { readonly access: Access }) | null {
  const of = fileOf(tx, actor, fd)?.of;
  return of?.kind === 'mockAccess' ? { ...of, access: mustGet(tx, of.ctx, of.id, 'access') } : null;
}

/** ACCESS_REPLACE_IOAS. */
export function replaceIoas(tx: Tx, args: CommandArgs['mockReplaceIoas'], actor: string): Result {
  const found = accessAt(tx, actor, args.accessFd);
  if (found === null) return refused('EBADFD');
  if (found.access.ioas === null) return refused('ENOENT');
  const errno = beginMove(tx, found.ctx, found.id, args.ioasId);
  if (errno !== null) return refused(errno);
  endMove(tx, found.ctx, found.id);
  return done();
}

/** In the place of an IOVA the number of an area and an offset in it, for fuzzers, which cannot guess IOVAs. */
function iovaOf(
  tx: Tx,
  ctx: number,
  { ioas }: Access,
  { iova, flags }: { readonly iova: bigint; readonly flags: number },
): bigint {
  if ((flags & MOCK_ACCESS.SYZ) === 0) return iova;
  if (ioas === null) return 0n;
  const area = mustGet(tx, ctx, ioas, 'ioas').iopt.areas[Number(BigInt.asUintN(32, iova))];
  return area === undefined ? 0n : BigInt.asUintN(64, area.start + (iova >> 32n));
}

/** ACCESS_PAGES: pins, and looks whether the pages are the caller's. */
export function pin(tx: Tx, args: CommandArgs['mockPin'], actor: string): Result {
  const { length, flags, uptr } = args;
  if (length > MOST_BYTES) return refused('ENOMEM');
  if ((flags & ~(MOCK_ACCESS.WRITE | MOCK_ACCESS.SYZ)) !== 0) return refused('EOPNOTSUPP');
  const found = accessAt(tx, actor, args.accessFd);
  if (found === null) return refused('EBADFD');
  const { ctx, id, access } = found;
  if (access.anyByte === true) return refused('EOPNOTSUPP');
  const iova = iovaOf(tx, ctx, access, args);
  const wrong = wrongRange(iova, length);
  if (wrong !== null) return refused(wrong);
  if (access.ioas === null) return refused('ENOENT');
  const { iopt } = mustGet(tx, ctx, access.ioas, 'ioas');
  const range = { iova, length, write: (flags & MOCK_ACCESS.WRITE) !== 0 };
  const { pageSize } = tx.world.platform.kernel;
  const errno = checkAreas(tx, contiguousAreas(iopt, range), range, pageSize, false);
  if (errno !== null) return refused(errno);
  if (uptr !== 0n) {
    const offset = iova % pageSize;
    const start = iova - offset;
    const whole = (length + offset + pageSize - 1n) & ~(pageSize - 1n);
    const same = compare(tx, iopt.areas, start, BigInt.asUintN(64, uptr - offset), whole);
    if (same !== 'same') return refused(same === 'absent' ? 'EFAULT' : 'EBADE');
  }
  const number = access.nextPin ?? 0;
  const pins = [...access.pins, { start: iova, last: iova + length - 1n, id: number }];
  putObject(tx, ctx, id, { ...access, pins, nextPin: number + 1 });
  return done({ outAccessPagesId: number });
}

/** DESTROY_ACCESS_PAGES. */
export function unpin(tx: Tx, args: CommandArgs['mockUnpin'], actor: string): Result {
  const found = accessAt(tx, actor, args.accessFd);
  if (found === null) return refused('EBADFD');
  const { ctx, id, access } = found;
  const at = access.pins.findIndex((each) => each.id === args.accessPagesId);
  if (at < 0) return refused('ENOENT');
  putObject(tx, ctx, id, { ...access, pins: access.pins.toSpliced(at, 1) });
  return done();
}

/** ACCESS_RW: tells the user addresses of what it read or wrote, each with a length. */
export function readWrite(tx: Tx, args: CommandArgs['mockRw'], actor: string): Result {
  const { length, flags, uptr } = args;
  const known = MOCK_ACCESS.WRITE | MOCK_ACCESS.SLOW_PATH | MOCK_ACCESS.SYZ;
  if (length > MOST_BYTES) return refused('ENOMEM');
  if ((flags & ~known) !== 0) return refused('EOPNOTSUPP');
  const found = accessAt(tx, actor, args.accessFd);
  if (found === null) return refused('EBADFD');
  const write = (flags & MOCK_ACCESS.WRITE) !== 0;
  if (write && !isThere(tx, uptr, length)) return refused('EFAULT');
  const { ctx, access } = found;
  const iova = iovaOf(tx, ctx, access, args);
  const wrong = wrongRange(iova, length);
  if (wrong !== null) return refused(wrong);
  if (access.ioas === null) return refused('ENOENT');
  const areas = contiguousAreas(mustGet(tx, ctx, access.ioas, 'ioas').iopt, { iova, length });
  const errno = checkAreas(tx, areas, { iova, length, write, asProcess: true }, 1n);
  if (errno !== null) return refused(errno);
  if (!write && !isThere(tx, uptr, length)) return refused('EFAULT');
  const last = iova + length - 1n;
  return done({
    pieces: areas.flatMap((area) => {
      const from = area.start > iova ? area.start : iova;
      const to = area.last < last ? area.last : last;
      return [area.va + (from - area.start), to - from + 1n];
    }),
  });
}

function wrongRange(iova: bigint, length: bigint): 'EINVAL' | 'EOVERFLOW' | null {
  if (length === 0n) return 'EINVAL';
  return iova + length - 1n > ULONG_MAX ? 'EOVERFLOW' : null;
}
