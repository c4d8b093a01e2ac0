import type { Context } from '../../model/iommufd/context.ts';
import type { IommufdObject } from '../../model/iommufd/objects.ts';
import type { World } from '../../model/world/world.ts';
import { firstAttached, firstObject, hasObject, objectOf } from '../look.ts';
import { hasSmmu } from '../platforms.ts';
import type { StateProperty, Violation } from '../property.ts';

function disagreement(world: World, context: Context, object: IommufdObject, id: number): Violation {
  switch (object.type) {
    case 'viommu': {
      const parent = objectOf(context, object.hwpt, 'hwptPaging');
      if (parent === null || parent.domain.iommu === object.iommu) return null;
      return `vIOMMU ${id} is on pSMMU ${object.iommu}, its parent on ${parent.domain.iommu}`;
    }
    case 'hwptNested': {
      const viommu = object.viommu === null ? null : objectOf(context, object.viommu, 'viommu');
      if (viommu === null || viommu.iommu === object.domain.iommu) return null;
      return `nested HWPT ${id} is on pSMMU ${object.domain.iommu}, its vIOMMU on ${viommu.iommu}`;
    }
    case 'vdevice': {
      const viommu = objectOf(context, object.viommu, 'viommu');
      const device = world.platform.devices[objectOf(context, object.devId, 'device')?.device ?? -1];
      if (viommu === null || device === undefined || viommu.iommu === device.iommu) return null;
      return `vDEVICE ${id} puts ${device.id} of pSMMU ${device.iommu} on a vIOMMU of ${viommu.iommu}`;
    }
    default:
      return null;
  }
}

export const nestingOnOnePsmmu: StateProperty = {
  id: 'nesting-on-one-psmmu',
  sentence: 'A nested HWPT, its vIOMMU, its parent, the vDEVICEs and the attached devices are on one pSMMU.',
  source:
    'include/uapi/linux/iommufd.h: IOMMU_VIOMMU_ALLOC; seed 000: "a VFIO device with a pSMMU that materially differs"',
  kind: 'state',
  appliesTo: hasSmmu,
  brokenBy: 'vdevice-on-foreign-psmmu',
  violated: (world) =>
    firstObject(world, (object, id, context) => disagreement(world, context, object, id)) ??
    firstAttached(world, (context, device, hwptId) => {
      const hwpt = objectOf(context, hwptId, 'hwptNested') ?? objectOf(context, hwptId, 'hwptPaging');
      const hardware = world.platform.devices[device];
      if (hwpt === null || hardware === undefined || hwpt.domain.iommu === hardware.iommu) return null;
      return `${hardware.id} of pSMMU ${hardware.iommu} is attached to HWPT ${hwptId} of ${hwpt.domain.iommu}`;
    }),
  witness: (world) => hasObject(world, 'hwptNested') && hasObject(world, 'vdevice'),
};
