import { HW_QUEUE_TYPE, VIOMMU_TYPE } from '../../spec/iommufd/constants.ts';
import { type Draw, oneIn, pick, pickEarly, pickWhere } from './choice.ts';
import { call, type Move } from './move.ts';
import { fdHandle, type Objects, objectAt, objectHandle, smmuOf, type View } from './view.ts';

/** Whether a device's DMA is coherent whatever its attributes: no other can have a vIOMMU. */
function isCoherent(view: View, here: Objects, devId: number): boolean {
  const { device } = objectAt(here, devId, 'device');
  return view.world.platform.devices[device]?.canwbs === true;
}

const viommuAlloc: Move = {
  weight({ here }) {
    if (here === null || here.parents.length === 0 || here.devices.length === 0) return 0;
    return here.viommus.length === 0 ? 45 : here.viommus.length < 3 ? 4 : 1;
  },
  make(view, draw) {
    const here = view.here as Objects;
    // Now and then on what is no nesting parent.
    const parent = oneIn(20, draw) ? pick(here.pagings, draw) : pickEarly(here.parents, draw);
    const { iommu } = objectAt(here, parent, 'hwptPaging').domain;
    const suits = (id: number) => smmuOf(view, here, id) === iommu && isCoherent(view, here, id);
    const device =
      (oneIn(12, draw) ? undefined : pickWhere(here.devices, suits, draw)) ?? pick(here.devices, draw);
    return call(view, 'viommuAlloc', {
      fd: fdHandle(view, here.fd as number),
      type: VIOMMU_TYPE.ARM_SMMUV3,
      devId: objectHandle(view, here, device),
      hwptId: objectHandle(view, here, parent),
    });
  },
};

/** Virtual StreamIDs: few, so that they meet each other, and two that no command or event can carry. */
const VIRTUAL_IDS: readonly bigint[] = [0n, 1n, 2n, 0x10n, 0xffff_ffffn, 1n << 32n, (1n << 64n) - 1n];

function drawVirtualId(draw: Draw): bigint {
  return VIRTUAL_IDS[oneIn(10, draw) ? draw(VIRTUAL_IDS.length) : draw(3)] as bigint;
}

interface Place {
  readonly viommu: number;
  readonly devId: number;
}

/** Devices without a vDEVICE, and vIOMMUs on their side that can give them one, the oldest vIOMMU's first. */
function places(view: View, here: Objects): readonly Place[] {
  const found: Place[] = [];
  for (const viommu of here.viommus) {
    const { iommu } = objectAt(here, viommu, 'viommu');
    for (const devId of here.devices) {
      const { device, vdevice } = objectAt(here, devId, 'device');
      const hardware = view.world.platform.devices[device];
      // Two StreamIDs cannot both be behind one virtual one.
      if (vdevice === null && hardware?.iommu === iommu && hardware.streamIds.length === 1)
        found.push({ viommu, devId });
    }
  }
  return found;
}

const vdeviceAlloc: Move = {
  weight(view) {
    const { here } = view;
    if (here === null || here.viommus.length === 0 || here.devices.length === 0) return 0;
    return places(view, here).length > 0 ? 30 : 2;
  },
  make(view, draw) {
    const here = view.here as Objects;
    const found = oneIn(8, draw) ? [] : places(view, here);
    const { viommu, devId } =
      found.length > 0
        ? pickEarly(found, draw)
        : { viommu: pick(here.viommus, draw), devId: pick(here.devices, draw) };
    return call(view, 'vdeviceAlloc', {
      fd: fdHandle(view, here.fd as number),
      viommuId: objectHandle(view, here, viommu),
      devId: objectHandle(view, here, devId),
      virtId: drawVirtualId(draw),
    });
  },
};

const hwQueueAlloc: Move = {
  weight: ({ here }) => (here === null || here.viommus.length === 0 ? 0 : 1),
  make(view, draw) {
    const here = view.here as Objects;
    return call(view, 'hwQueueAlloc', {
      fd: fdHandle(view, here.fd as number),
      viommuId: objectHandle(view, here, pick(here.viommus, draw)),
      type: oneIn(6, draw) ? HW_QUEUE_TYPE.DEFAULT : HW_QUEUE_TYPE.TEGRA241_CMDQV,
      length: oneIn(6, draw) ? 0n : 0x1000n,
      nestingParentIova: oneIn(4, draw) ? 0xffff_ffff_ffff_f001n : 0x4000n,
    });
  },
};

/** What a process does with its slices of pSMMUs. */
export const VIOMMU_MOVES = {
  viommuAlloc,
  vdeviceAlloc,
  hwQueueAlloc,
} as const satisfies Readonly<Record<string, Move>>;
