import { VFIO_DEVICE } from '../../spec/vfio/constants.ts';
import type { BoundCdev } from '../sight.ts';
import { type Draw, oneIn, pick, pickAny, pickWhere } from './choice.ts';
import { call, type UapiCall } from './move.ts';
import { fdHandle, hardwareOf, objectHandle, objectsOf, type View } from './view.ts';

const { ATTACH_PASID, DETACH_PASID } = VFIO_DEVICE;

/** Few, so that they meet; seldom one that devices cannot have, or that no number can be. */
const PASIDS: readonly number[] = [1, 1, 1, 2, 2, 3];
const ODD_PASIDS: readonly number[] = [0, 0, 4, 0x10_0000, 0x8000_0000];

export function drawPasid(draw: Draw): number {
  return oneIn(12, draw) ? pick(ODD_PASIDS, draw) : pick(PASIDS, draw);
}

function hasPasids(view: View, cdev: BoundCdev): boolean {
  return (hardwareOf(view, cdev).pasidBits ?? 0) > 0;
}

/** Whether something is to be done with PASIDs now: often where devices have them, seldom elsewhere. */
export function wantsPasid(view: View, draw: Draw): boolean {
  return oneIn(view.bound.some((cdev) => hasPasids(view, cdev)) ? 3 : 24, draw);
}

function pickDevice(view: View, draw: Draw): BoundCdev {
  return pickWhere(view.bound, (cdev) => hasPasids(view, cdev), draw) ?? pick(view.bound, draw);
}

/** Attaches a PASID of a bound device, mostly to an HWPT that was made for it. */
export function attachPasid(view: View, draw: Draw): UapiCall {
  const cdev = pickDevice(view, draw);
  const here = objectsOf(view, cdev.bound.ctx);
  const hwpts = [...here.pagings, ...here.nesteds];
  const isCompat = (id: number): boolean => {
    const hwpt = here.table[id];
    return (hwpt?.type === 'hwptPaging' || hwpt?.type === 'hwptNested') && hwpt.pasidCompat;
  };
  const suiting = oneIn(8, draw) ? undefined : pickWhere(hwpts, isCompat, draw);
  const pt = suiting ?? pickAny([...hwpts, ...here.ioases], draw);
  return call(view, 'vfioAttach', {
    fd: fdHandle(view, cdev.fd),
    flags: ATTACH_PASID,
    ptId: pt === undefined ? draw(4) : objectHandle(view, here, pt),
    pasid: drawPasid(draw),
    ...(oneIn(12, draw) ? { unwritable: true } : {}),
  });
}

/** Detaches a PASID, mostly one that is attached. */
export function detachPasid(view: View, draw: Draw): UapiCall {
  const attached = view.bound.filter(({ device }) => (view.world.devices[device]?.pasids.length ?? 0) > 0);
  const cdev = pickAny(attached, draw) ?? pick(view.bound, draw);
  const pasid = pickAny(view.world.devices[cdev.device]?.pasids ?? [], draw);
  return call(view, 'vfioDetach', {
    fd: fdHandle(view, cdev.fd),
    flags: DETACH_PASID,
    pasid: pasid === undefined || oneIn(8, draw) ? drawPasid(draw) : pasid,
  });
}
