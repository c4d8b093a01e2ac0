import type { Errno } from '../../spec/errno.ts';
import { IOAS_MAP } from '../../spec/iommufd/constants.ts';
import { IOCTLS } from '../../spec/iommufd/ioctls.ts';
import type { CommandArgs } from '../world/command.ts';
import type { Tx } from '../world/tx.ts';
import { withIopt } from './copy.ts';
import { ioasMapFile } from './ioas.ts';
import { pinErrno } from './iopt/pages.ts';
import { type Area, withAreas } from './iopt/table.ts';
import { memoryEnv } from './memory-env.ts';
import { addUsers, mustGet, putObject } from './object-table.ts';

/*
 * IOMMU_IOAS_MAP_FILE in two steps, since what others do comes between them: iopt_alloc_area_pages() takes the range, and
 * iopt_map_pages() gives it its pages once the domains have them.
 */

/** The first step, readable and at a fixed IOVA. Why it gets no further; null: it does. */
export function mapFileBegins(
  tx: Tx,
  ctx: number,
  args: Omit<CommandArgs['mapFileBegins'], 'fd'>,
  actor: string,
): Errno | null {
  const flags = IOAS_MAP.FIXED_IOVA | IOAS_MAP.READABLE;
  const { size } = IOCTLS.ioasMapFile;
  const whole = { ...args, fd: 0, size, flags, start: 0n, trailing: false, data: null };
  const result = ioasMapFile(tx, ctx, whole, actor);
  if (!result.ok) return result.errno;
  putArea(tx, ctx, args.ioasId, args.iova, (area) => ({ ...area, filling: true }));
  addUsers(tx, ctx, args.ioasId, 1);
  return null;
}

/** The second, for the domains that there are by now. Refused, it takes the range away again. */
export function mapFileEnds(tx: Tx, ctx: number, ioasId: number, iova: bigint): Errno | null {
  addUsers(tx, ctx, ioasId, -1);
  let errno: Errno | null = null;
  putArea(tx, ctx, ioasId, iova, ({ filling: _, ...area }) => {
    const { hwpts } = mustGet(tx, ctx, ioasId, 'ioas');
    if (hwpts.length > 0)
      errno = pinErrno(area, area.last - area.start + 1n, area.pagesWriteable, memoryEnv(tx));
    return errno === null ? area : null;
  });
  return errno;
}

/** Puts another area in the place of one, or none. */
function putArea(
  tx: Tx,
  ctx: number,
  ioasId: number,
  iova: bigint,
  change: (area: Area) => Area | null,
): void {
  const ioas = mustGet(tx, ctx, ioasId, 'ioas');
  const areas = ioas.iopt.areas.flatMap((area) => (area.start === iova ? (change(area) ?? []) : [area]));
  putObject(tx, ctx, ioasId, withIopt(ioas, withAreas(ioas.iopt, areas)));
}
