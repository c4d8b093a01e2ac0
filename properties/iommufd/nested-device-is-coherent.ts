import type { DeviceHardware, Platform } from '../../model/platform/platform.ts';
import { firstAttached, hasObject, objectOf, pagingOf } from '../look.ts';
import type { StateProperty } from '../property.ts';

/** Of other IOMMUs nobody says here what CANWBS would be. */
function isBehindSmmu({ iommus }: Platform, { iommu }: DeviceHardware): boolean {
  return iommus[iommu]?.kind === 'smmuv3';
}

export const nestedDeviceIsCoherent: StateProperty = {
  id: 'nested-device-is-coherent',
  sentence:
    "DMA of a device behind a guest's stage 1, or on an HWPT that was made for a coherent device, is coherent whatever memory attributes there are (CANWBS).",
  source:
    'arm_vsmmu_init(): "Must support some way to prevent the VM from bypassing the cache"; IORT, CANWBS',
  kind: 'state',
  brokenBy: 'nested-device-incoherent',
  appliesTo: ({ devices, vmHardware }) =>
    vmHardware === undefined && devices.some(({ canwbs }) => canwbs) && devices.some(({ canwbs }) => !canwbs),
  violated: (world) =>
    firstAttached(world, (context, device, hwptId) => {
      const hwpt = objectOf(context, hwptId, 'hwptNested');
      const hardware = world.platform.devices[device];
      if (hardware === undefined || hardware.canwbs || !isBehindSmmu(world.platform, hardware)) return null;
      if (hwpt?.domain.config === 's1Translate')
        return `${hardware.id}, which has no CANWBS, is attached to nested HWPT ${hwptId}`;
      return pagingOf(context, hwptId)?.domain.enforceCoherency === true
        ? `${hardware.id}, which has no CANWBS, is attached to HWPT ${hwptId}, which was made for a device that has`
        : null;
    }),
  witness: (world) => hasObject(world, 'hwptNested') && hasObject(world, 'vdevice'),
};
