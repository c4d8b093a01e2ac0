import type { Errno } from '../../spec/errno.ts';
import { attachDevice, attachTwice, detachDevice, isAttached } from '../iommufd/attach.ts';
import { attachPasid, detachPasid } from '../iommufd/pasid.ts';
import type { Binding } from '../world/process.ts';
import { deviceAt, putDevice, type Tx } from '../world/tx.ts';

/** VFIO keeps PASIDs in an IDA, whose numbers have 31 bits. */
const IDA_LIMIT = 2 ** 31;

/** vfio_iommufd_physical_pasid_attach_ioas(): what VFIO has attached already is replaced. Gives the HWPT's id. */
export function vfioAttachPasid(
  tx: Tx,
  device: number,
  { ctx, devId }: Binding,
  pasid: number,
  ptId: number,
): number | Errno {
  if (pasid < 0 || pasid >= IDA_LIMIT) return 'ENOSPC';
  const state = deviceAt(tx, device);
  const known = state.pasids.includes(pasid);
  const hwptId =
    pasid === 0 && tx.rules.iommufd.pasidZeroIsRid
      ? attachZero(tx, ctx, devId, known, ptId)
      : attachPasid(tx, ctx, devId, pasid, ptId);
  if (typeof hwptId !== 'string' && !known) {
    const pasids = [...state.pasids, pasid].sort((a, b) => a - b);
    putDevice(tx, device, { ...deviceAt(tx, device), pasids });
  }
  return hwptId;
}

/** iommufd tells requests without PASID by PASID 0, so that this attaches those. */
function attachZero(tx: Tx, ctx: number, devId: number, known: boolean, ptId: number): number | Errno {
  return isAttached(tx, ctx, devId) && !known
    ? attachTwice(tx, ctx, devId, ptId)
    : attachDevice(tx, ctx, devId, ptId);
}

/** vfio_iommufd_physical_pasid_detach_ioas(): of a PASID that VFIO has not attached, nothing. */
export function vfioDetachPasid(tx: Tx, device: number, { ctx, devId }: Binding, pasid: number): void {
  const { pasids } = deviceAt(tx, device);
  if (!pasids.includes(pasid)) return;
  if (pasid === 0) detachDevice(tx, ctx, devId);
  else detachPasid(tx, ctx, devId, pasid);
  putDevice(tx, device, { ...deviceAt(tx, device), pasids: pasids.filter((each) => each !== pasid) });
}

/** The file goes: every PASID that its user has left attached goes before the rest (rule R-50). */
export function detachPasids(tx: Tx, device: number, binding: Binding): void {
  for (const pasid of deviceAt(tx, device).pasids) vfioDetachPasid(tx, device, binding, pasid);
}
