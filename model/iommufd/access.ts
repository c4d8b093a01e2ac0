import type { Errno } from '../../spec/errno.ts';
import type { Tx } from '../world/tx.ts';
import type { Context } from './context.ts';
import { withIopt } from './copy.ts';
import type { Interval } from './interval.ts';
import { areasAligned, removeDomain } from './iopt/domains.ts';
import { type IoPageTable, withAlignment } from './iopt/table.ts';
import { addUsers, contextObjects, getOf, mustGet, putObject } from './object-table.ts';
import type { Access } from './objects.ts';
import type { Pin } from './pins.ts';

/** An access and its id. */
export interface Found {
  readonly id: number;
  readonly access: Access;
}

const NONE: readonly Found[] = Object.freeze([]);

/** The accesses of an IOAS, and those that are on their way to it or from it. */
export function accessesOn(tx: Tx, ctx: number, ioas: number): readonly Found[] {
  if (tx.world.pins === null) return NONE;
  return [...contextObjects(tx, ctx).entries()].flatMap(([id, slot]) => {
    if (slot?.type !== 'access') return [];
    const on = slot.ioas === ioas || slot.moving?.from === ioas || slot.moving?.to === ioas;
    return on ? [{ id, access: slot }] : [];
  });
}

/** The smallest pages of domains of an IOAS, and of the accesses there, which pin whole pages. */
export function minPagesOn(tx: Tx, ctx: number, ioas: number, hwpts: readonly number[]): readonly bigint[] {
  const domains = hwpts.map((hwpt) => mustGet(tx, ctx, hwpt, 'hwptPaging').domain.geometry.minPage);
  const { pageSize } = tx.world.platform.kernel;
  const accesses = accessesOn(tx, ctx, ioas).filter(({ access }) => access.anyByte !== true);
  return accesses.length === 0 ? domains : [...domains, pageSize];
}

/** What of an IOAS hardware reads by itself, so that it cannot be unmapped (`area->num_locks`). */
export function lockedOn(tx: Tx, ctx: number, ioas: number): readonly Interval[] {
  return accessesOn(tx, ctx, ioas).flatMap(({ access }) => (access.locks === true ? access.pins : []));
}

/** Where the pages that an access has pinned are mapped. */
export function pinsOf({ ioas, moving }: Access): number | null {
  return ioas ?? moving?.from ?? null;
}

/** What the accesses on an IOAS of a context have pinned. */
export function pinsOn(objects: Context['objects'], ioas: number): readonly Pin[] {
  return objects.flatMap((each) => (each?.type === 'access' && pinsOf(each) === ioas ? each.pins : []));
}

/**
 * The first half of iommufd_access_change_ioas(): the access leaves its IOAS, and its driver is about to be asked to unpin
 * everything. Null: to no IOAS.
 */
export function beginMove(tx: Tx, ctx: number, id: number, to: number | null): Errno | null {
  const access = mustGet(tx, ctx, id, 'access');
  if (access.moving !== null) return 'EBUSY';
  if (to !== null) {
    const ioas = getOf(tx, ctx, to, 'ioas');
    if (ioas === null) return 'ENOENT';
    if (to === access.ioas) return null;
    const iopt = access.anyByte === true ? ioas.iopt : withAccess(tx, ioas.iopt);
    if (typeof iopt === 'string') {
      if (access.ioas !== null && !tx.rules.accesses.refusedAccessKeepsPlace) {
        putObject(tx, ctx, id, { ...access, ioas: null });
        tx.keep = true;
      }
      return iopt;
    }
    putObject(tx, ctx, to, withIopt(ioas, iopt));
    addUsers(tx, ctx, to, 1);
  }
  putObject(tx, ctx, id, { ...access, ioas: null, moving: { from: access.ioas, to } });
  return null;
}

/** iopt_add_access(): every area must begin and end at a page. */
function withAccess({ world }: Tx, iopt: IoPageTable): IoPageTable | Errno {
  const { kernel } = world.platform;
  if (!areasAligned(iopt, kernel.pageSize, kernel)) return 'EADDRINUSE';
  const alignment = iopt.alignment > kernel.pageSize ? iopt.alignment : kernel.pageSize;
  return withAlignment(iopt, alignment, iopt.hugePagesDisabled);
}

/** The second half: the driver has unpinned, and the access is on its new IOAS. */
export function endMove(tx: Tx, ctx: number, id: number): void {
  const access = mustGet(tx, ctx, id, 'access');
  if (access.moving === null) return;
  const { from, to } = access.moving;
  putObject(tx, ctx, id, { ...access, ioas: to, moving: null, pins: [] });
  if (from === null) return;
  const ioas = mustGet(tx, ctx, from, 'ioas');
  const minPages = minPagesOn(tx, ctx, from, ioas.hwpts);
  const iopt = removeDomain(ioas.iopt, `access:${id}`, minPages, tx.world.platform.kernel);
  putObject(tx, ctx, from, withIopt(ioas, iopt));
  addUsers(tx, ctx, from, -1);
}

/** An access leaves its IOAS for good. */
export function endAccess(tx: Tx, ctx: number, id: number): void {
  if (beginMove(tx, ctx, id, null) === null) endMove(tx, ctx, id);
}

/** Areas go from an IOAS: the drivers that have pinned some of them are asked to unpin, and do (iommufd_access_notify_unmap()). */
export function notifyUnmap(
  tx: Tx,
  ctx: number,
  ioas: number,
  before: IoPageTable,
  after: IoPageTable,
): void {
  const accesses = accessesOn(tx, ctx, ioas);
  if (accesses.length === 0 || !tx.rules.accesses.unmapAsksDrivers) return;
  const gone = before.areas.filter((area) => !after.areas.includes(area));
  for (const { id, access } of accesses) {
    if (pinsOf(access) !== ioas || access.locks === true) continue;
    const pins = access.pins.filter(
      (pin) => !gone.some(({ start, last }) => pin.start <= last && pin.last >= start),
    );
    if (pins.length < access.pins.length) putObject(tx, ctx, id, { ...access, pins });
  }
}
