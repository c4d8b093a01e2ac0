import type { World } from '../../model/world/world.ts';
import { firstAttached, objectOf } from '../look.ts';
import { hasSmmu } from '../platforms.ts';
import type { StateProperty } from '../property.ts';

const translates = (world: World): boolean =>
  firstAttached(world, (context, _device, hwptId) =>
    objectOf(context, hwptId, 'hwptNested')?.domain.config === 's1Translate' ? 'translates' : null,
  ) !== null;

export const translateNeedsVdevice: StateProperty = {
  id: 'translate-needs-vdevice',
  sentence: 'A device on a translating nested HWPT was attached with a vDEVICE of its vIOMMU.',
  source: 'include/uapi/linux/iommufd.h: IOMMU_VDEVICE_ALLOC; arm_smmu_attach_prepare_vmaster()',
  kind: 'state',
  appliesTo: hasSmmu,
  brokenBy: 'translate-without-vdevice',
  violated: (world) =>
    firstAttached(world, (context, device, hwptId) => {
      const hwpt = objectOf(context, hwptId, 'hwptNested');
      if (hwpt?.domain.config !== 's1Translate') return null;
      const vmaster = world.devices[device]?.vmaster ?? null;
      if (vmaster !== null && vmaster.viommu === hwpt.viommu) return null;
      return `${world.platform.devices[device]?.id} translates through nested HWPT ${hwptId} without a vDEVICE`;
    }),
  witness: translates,
};
