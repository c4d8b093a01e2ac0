import type { Errno } from '../../spec/errno.ts';
import type { Tx } from '../world/tx.ts';
import { destroyObject } from './destroy.ts';
import { joinIoas, makePaging } from './hwpt.ts';
import { addUsers, getObject, getOf, mustGet, putObject } from './object-table.ts';

/** Attaches one HWPT: the first time (attach), or in place of another (replace). */
export type AttachTo = (tx: Tx, ctx: number, devId: number, hwptId: number) => Errno | null;

/**
 * Attaches what a page table id stands for: an HWPT itself, an IOAS by way of an automatic one. Gives the HWPT's id.
 * `first`: nothing was attached before.
 */
export function attachPageTable(
  tx: Tx,
  ctx: number,
  devId: number,
  pt: number,
  attachTo: AttachTo,
  first: boolean,
): number | Errno {
  const object = getObject(tx, ctx, pt);
  if (object === null) return 'ENOENT';
  switch (object.type) {
    case 'hwptPaging':
    case 'hwptNested':
      return attachTo(tx, ctx, devId, pt) ?? pt;
    case 'ioas':
      return attachAutomatic(tx, ctx, devId, pt, attachTo, first);
    default:
      return 'EINVAL';
  }
}

/** iommufd_device_auto_get_domain(): an automatic HWPT of the IOAS that fits, else a new one. */
function attachAutomatic(
  tx: Tx,
  ctx: number,
  devId: number,
  ioasId: number,
  attachTo: AttachTo,
  immediate: boolean,
): number | Errno {
  const device = mustGet(tx, ctx, devId, 'device');
  for (const id of mustGet(tx, ctx, ioasId, 'ioas').hwpts) {
    if (!mustGet(tx, ctx, id, 'hwptPaging').autoDomain) continue;
    const errno = attachTo(tx, ctx, devId, id);
    if (errno === null) return id;
    // Only EINVAL means that the domain does not suit the device; everything else is final.
    if (errno !== 'EINVAL') return errno;
  }
  const before = tx.world;
  const made = makePaging(tx, ctx, ioasId, device.device, 0, null);
  if (typeof made === 'string') return made;
  // A first attach goes before the domain joins the IOVA space, a replace after: some drivers finish a domain
  // only when it is attached.
  const unattached = immediate ? attachTo(tx, ctx, devId, made) : null;
  const errno = unattached ?? joinIoas(tx, ctx, made) ?? (immediate ? null : attachTo(tx, ctx, devId, made));
  if (errno !== null) {
    if (immediate && unattached === null && !tx.keep && !tx.rules.iommufd.abortedDomainReturnsDevice) {
      tx.world = before;
      addUsers(tx, ctx, devId, 1);
      tx.keep = true;
      return errno;
    }
    // Refused, so all of this is dropped; unless an earlier failure is kept, and then the new domain has to go.
    if (tx.keep) destroyObject(tx, ctx, made, mustGet(tx, ctx, made, 'hwptPaging'));
    return errno;
  }
  putObject(tx, ctx, made, { ...mustGet(tx, ctx, made, 'hwptPaging'), autoDomain: true });
  return made;
}

/**
 * An attach as far as others can see it before it is through: not at all, since the IOAS's mutex is held from the search
 * for an automatic HWPT to the end. Gives the HWPT that they find where it is let go in between; null: none.
 */
export function automaticBegun(tx: Tx, ctx: number, devId: number, pt: number): number | null {
  if (!tx.rules.iommufd.automaticFoundUnfinished) return null;
  const ioas = getOf(tx, ctx, pt, 'ioas');
  if (ioas === null || ioas.hwpts.some((id) => mustGet(tx, ctx, id, 'hwptPaging').autoDomain)) return null;
  const before = tx.world;
  const made = makePaging(tx, ctx, pt, mustGet(tx, ctx, devId, 'device').device, 0, null);
  if (typeof made === 'string' || joinIoas(tx, ctx, made) !== null) {
    tx.world = before;
    return null;
  }
  putObject(tx, ctx, made, { ...mustGet(tx, ctx, made, 'hwptPaging'), autoDomain: true });
  return made;
}

/** An attach failed whose HWPT others have found: it is freed, whoever is on it (iommufd_object_abort_and_destroy()). */
export function abortAutomatic(tx: Tx, ctx: number, made: number): void {
  const hwpt = getOf(tx, ctx, made, 'hwptPaging');
  if (hwpt === null) return;
  destroyObject(tx, ctx, made, hwpt);
  tx.keep = true;
}

/** Gives back an attachment's reference; an automatic HWPT goes when nobody else has one. */
export function putHwpt(tx: Tx, ctx: number, hwptId: number): void {
  addUsers(tx, ctx, hwptId, -1);
  const hwpt = getOf(tx, ctx, hwptId, 'hwptPaging');
  if (hwpt?.autoDomain === true && hwpt.users === 1) destroyObject(tx, ctx, hwptId, hwpt);
}
