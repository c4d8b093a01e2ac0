import { HW_INFO, HW_INFO_TYPE, HWPT_ALLOC, HWPT_DATA, ULONG_MAX } from '../../spec/iommufd/constants.ts';
import { type Draw, oneIn, pick, pickEarly, pickWhere } from './choice.ts';
import { call, type Move, type UapiCall } from './move.ts';
import { drawIova, drawLength, PAGE } from './values.ts';
import { fdHandle, hardwareOf, type Objects, objectAt, objectHandle, smmuOf, type View } from './view.ts';
import { drawVste } from './vste.ts';

const { NEST_PARENT, DIRTY_TRACKING, FAULT_ID_VALID, PASID } = HWPT_ALLOC;

/** What a paging HWPT can be asked to be; not all of it can be had. */
const PAGING_FLAGS: readonly number[] = [
  0,
  0,
  NEST_PARENT,
  NEST_PARENT,
  NEST_PARENT,
  PASID,
  DIRTY_TRACKING,
  NEST_PARENT | PASID,
  FAULT_ID_VALID,
];

const STE_BYTES = 16;

const hwptAlloc: Move = {
  weight({ here }) {
    if (here === null || here.devices.length === 0 || here.ioases.length === 0) return 0;
    if (here.parents.length === 0) return 40;
    if (here.viommus.length === 0) return 5;
    return here.nesteds.length === 0 ? 50 : here.nesteds.length < 3 ? 12 : 5;
  },
  make(view, draw) {
    const here = view.here as Objects;
    const nests = here.viommus.length > 0 && !oneIn(5, draw);
    return nests ? allocNested(view, here, draw) : allocPaging(view, here, draw);
  },
};

function allocPaging(view: View, here: Objects, draw: Draw): UapiCall {
  const args = {
    fd: fdHandle(view, here.fd as number),
    devId: objectHandle(view, here, pick(here.devices, draw)),
    ptId: objectHandle(view, here, pick(here.ioases, draw)),
  };
  const flags = drawFlags(view, here, draw);
  if (flags === 0) return call(view, 'hwptAlloc', args);
  if ((flags & FAULT_ID_VALID) === 0 || here.faults.length === 0)
    return call(view, 'hwptAlloc', { ...args, flags });
  const faultId = objectHandle(view, here, pick(here.faults, draw));
  return call(view, 'hwptAlloc', { ...args, flags, faultId });
}

/** A nesting parent first, or what PASIDs can be attached to; then anything. */
function drawFlags(view: View, here: Objects, draw: Draw): number {
  const pasids = view.bound.some((cdev) => (hardwareOf(view, cdev).pasidBits ?? 0) > 0);
  if (pasids && oneIn(2, draw)) return PASID;
  return here.parents.length === 0 && !oneIn(6, draw) ? NEST_PARENT : pick(PAGING_FLAGS, draw);
}

function allocNested(view: View, here: Objects, draw: Draw): UapiCall {
  const viommu = pickEarly(here.viommus, draw);
  const { iommu } = objectAt(here, viommu, 'viommu');
  const suits = (id: number) => smmuOf(view, here, id) === iommu;
  const device =
    (oneIn(12, draw) ? undefined : pickWhere(here.devices, suits, draw)) ?? pick(here.devices, draw);
  const args = {
    fd: fdHandle(view, here.fd as number),
    devId: objectHandle(view, here, device),
    ptId: objectHandle(view, here, viommu),
    dataType: HWPT_DATA.ARM_SMMUV3,
    dataLen: STE_BYTES,
    data: drawVste(draw),
  };
  if (here.faults.length === 0 || !oneIn(3, draw)) return call(view, 'hwptAlloc', args);
  const faultId = objectHandle(view, here, pick(here.faults, draw));
  return call(view, 'hwptAlloc', { ...args, flags: FAULT_ID_VALID, faultId });
}

const getHwInfo: Move = {
  weight: ({ here }) => (here === null || here.devices.length === 0 ? 0 : 2),
  make(view, draw) {
    const here = view.here as Objects;
    const fd = fdHandle(view, here.fd as number);
    const devId = objectHandle(view, here, pick(here.devices, draw));
    const dataLen = pick([0, 8, 40, 64], draw);
    if (oneIn(2, draw)) return call(view, 'getHwInfo', { fd, devId, dataLen });
    const dataType = pick([HW_INFO_TYPE.DEFAULT, HW_INFO_TYPE.ARM_SMMUV3, HW_INFO_TYPE.INTEL_VTD], draw);
    return call(view, 'getHwInfo', { fd, devId, dataLen, flags: HW_INFO.INPUT_TYPE, dataType });
  },
};

const hwptSetDirtyTracking: Move = {
  weight: ({ here }) => (here === null || here.pagings.length === 0 ? 0 : 1),
  make(view, draw) {
    const here = view.here as Objects;
    const hwptId = objectHandle(view, here, pick(here.pagings, draw));
    return call(view, 'hwptSetDirtyTracking', {
      fd: fdHandle(view, here.fd as number),
      hwptId,
      flags: draw(2),
    });
  },
};

const hwptGetDirtyBitmap: Move = {
  weight: ({ here }) => (here === null || here.pagings.length === 0 ? 0 : 1),
  make(view, draw) {
    const here = view.here as Objects;
    const beyond = oneIn(6, draw);
    return call(view, 'hwptGetDirtyBitmap', {
      fd: fdHandle(view, here.fd as number),
      hwptId: objectHandle(view, here, pick(here.pagings, draw)),
      flags: draw(2),
      iova: beyond ? ULONG_MAX - PAGE + 1n : drawIova(draw),
      length: beyond ? 2n * PAGE : drawLength(draw),
      pageSize: oneIn(4, draw) ? 0n : PAGE,
    });
  },
};

/** What a process does with page tables. */
export const HWPT_MOVES = {
  hwptAlloc,
  getHwInfo,
  hwptSetDirtyTracking,
  hwptGetDirtyBitmap,
} as const satisfies Readonly<Record<string, Move>>;
