import type { Errno } from '../../spec/errno.ts';
import { ULONG_MAX } from '../../spec/iommufd/constants.ts';
import { pinsOf } from '../iommufd/access.ts';
import type { Area } from '../iommufd/iopt/table.ts';
import { contextObjects, mustGet, putObject } from '../iommufd/object-table.ts';
import type { Access } from '../iommufd/objects.ts';
import { type AccessRange, checkAreas, contiguousAreas } from '../iommufd/pin-areas.ts';
import type { CommandArgs } from '../world/command.ts';
import { done, type Result, refused } from '../world/result.ts';
import type { Tx } from '../world/tx.ts';

/** The access of a mediated device, where a process has bound it. */
interface Used {
  readonly ctx: number;
  readonly id: number;
  readonly access: Access;
}

function accessOf(tx: Tx, actor: string): Used | null {
  const mdev = (tx.world.platform.mediated ?? []).findIndex((id) => actor === `device:${id}`);
  for (const ctx of tx.world.contexts.keys()) {
    if (tx.world.contexts[ctx] === null) continue;
    for (const [id, slot] of contextObjects(tx, ctx).entries())
      if (slot?.type === 'access' && slot.mdev === mdev) return { ctx, id, access: slot };
  }
  return null;
}

/** iommufd_access_pin_pages() (rule R-17): whole pages, in areas without a gap between them, whose pages may be written. */
export function mdevPin(tx: Tx, args: CommandArgs['mdevPin'], actor: string): Result {
  const used = accessOf(tx, actor);
  if (used === null) return refused('ENODEV');
  const { ctx, id, access } = used;
  const wrong = wrongRange(args);
  if (wrong !== null) return refused(wrong);
  if (access.ioas === null) return refused('ENOENT');
  const errno = checkAreas(
    tx,
    contiguousAreas(mustGet(tx, ctx, access.ioas, 'ioas').iopt, args),
    args,
    tx.world.platform.kernel.pageSize,
  );
  if (errno !== null) return refused(errno);
  const pin = { start: args.iova, last: args.iova + args.length - 1n };
  const pins = [...access.pins, pin].sort((a, b) => (a.start < b.start ? -1 : 1));
  putObject(tx, ctx, id, { ...access, pins });
  return done();
}

/** iommufd_access_unpin_pages(): also while the access leaves, since that is when the driver is asked to. */
export function mdevUnpin(tx: Tx, { iova, length }: CommandArgs['mdevUnpin'], actor: string): Result {
  const used = accessOf(tx, actor);
  if (used === null || pinsOf(used.access) === null) return refused('ENODEV');
  const { ctx, id, access } = used;
  const at = access.pins.findIndex((pin) => pin.start === iova && pin.last === iova + length - 1n);
  if (at < 0) return refused('EINVAL');
  putObject(tx, ctx, id, { ...access, pins: access.pins.toSpliced(at, 1) });
  return done();
}

/** iommufd_access_rw(): any bytes; the pages are pinned for the time that it takes. Tells the user address. */
export function mdevRw(tx: Tx, args: CommandArgs['mdevRw'], actor: string): Result {
  const used = accessOf(tx, actor);
  if (used === null) return refused('ENODEV');
  const { ctx, access } = used;
  const wrong = wrongRange(args);
  if (wrong !== null) return refused(wrong);
  if (access.ioas === null) {
    if (tx.rules.accesses.looksForIoas || access.moving === null) return refused('ENOENT');
    tx.effects.push({ kind: 'nothingUsed', mdev: access.mdev });
    return done();
  }
  const areas = contiguousAreas(mustGet(tx, ctx, access.ioas, 'ioas').iopt, args);
  const errno = checkAreas(tx, areas, args, 1n);
  if (errno !== null) return refused(errno);
  const [{ start, va }] = areas as [Area];
  return done({ address: va + (args.iova - start) });
}

function wrongRange({ iova, length }: Omit<AccessRange, 'write'>): Errno | null {
  if (length === 0n) return 'EINVAL';
  return iova + length - 1n > ULONG_MAX ? 'EOVERFLOW' : null;
}
