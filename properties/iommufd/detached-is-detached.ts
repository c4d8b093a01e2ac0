import { fileOf } from '../../model/world/files.ts';
import type { World } from '../../model/world/world.ts';
import { VFIO_DEVICE } from '../../spec/vfio/constants.ts';
import { hasFreeProcess } from '../platforms.ts';
import type { StepProperty, Transition } from '../property.ts';

/** Whether requests without PASID of the device that a detach was about are attached; null for other steps. */
function ridAttached({ before, command, result }: Transition, world: World): boolean | null {
  if (command.command !== 'vfioDetach' || !result.ok) return null;
  const { fd, flags } = command.args;
  const file = fileOf({ world: before }, command.actor, fd);
  if (file?.of.kind !== 'cdev' || file.of.bound === null || (flags & VFIO_DEVICE.DETACH_PASID) !== 0)
    return null;
  const { ctx, devId } = file.of.bound;
  return world.contexts[ctx]?.groups.some(({ attach }) => attach?.devices.includes(devId) ?? false) ?? false;
}

export const detachedIsDetached: StepProperty = {
  id: 'detached-is-detached',
  sentence: "After a detach has returned, no page table translates the device's requests without PASID.",
  source: 'include/uapi/linux/vfio.h: VFIO_DEVICE_DETACH_IOMMUFD_PT',
  kind: 'step',
  appliesTo: hasFreeProcess,
  brokenBy: 'pasid-zero-is-rid',
  violated: (transition) =>
    ridAttached(transition, transition.world) === true
      ? 'the detach was answered with success, and the device is still attached'
      : null,
  witness: (transition) => ridAttached(transition, transition.before) === true,
};
