import { firstAttached, hasObject, objectOf } from '../look.ts';
import type { StateProperty } from '../property.ts';

export const nestedDeviceIsCoherent: StateProperty = {
  id: 'nested-device-is-coherent',
  sentence:
    "DMA of a device behind a guest's stage 1 is coherent whatever memory attributes the guest's tables have (CANWBS).",
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
      if (hwpt?.domain.config !== 's1Translate' || hardware === undefined || hardware.canwbs) return null;
      return `${hardware.id}, which has no CANWBS, is attached to nested HWPT ${hwptId}`;
    }),
  witness: (world) => hasObject(world, 'hwptNested') && hasObject(world, 'vdevice'),
};
