import { VIOMMU_INVALIDATE_DATA } from '../../spec/iommufd/constants.ts';
import { IOCTLS } from '../../spec/iommufd/ioctls.ts';
import { contextOfFd, objectOf } from '../look.ts';
import { hasFreeVsmmus } from '../platforms.ts';
import type { StepProperty, Transition } from '../property.ts';

/** Whether a step asks a vIOMMU with an empty array whether it knows the data type of SMMUv3 commands. */
function probes({ before, command }: Transition): boolean {
  if (command.command !== 'hwptInvalidate') return false;
  const { args } = command;
  if (args.size !== IOCTLS.hwptInvalidate.size || args.reserved !== 0 || args.entryNum !== 0) return false;
  if (args.dataType !== VIOMMU_INVALIDATE_DATA.ARM_SMMUV3) return false;
  const context = contextOfFd(before, command.actor, args.fd);
  return context !== null && objectOf(context, args.hwptId, 'viommu') !== null;
}

export const emptyInvalidationIsProbe: StepProperty = {
  id: 'empty-invalidation-is-probe',
  sentence: 'An empty invalidation array asks whether the data type is supported, and is answered.',
  source: 'include/uapi/linux/iommufd.h: struct iommu_hwpt_invalidate ("an empty array")',
  kind: 'step',
  appliesTo: hasFreeVsmmus,
  brokenBy: 'empty-invalidation-refused',
  violated(transition) {
    if (!probes(transition) || transition.result.ok) return null;
    return `a probe of the supported data type was refused with ${transition.result.errno}`;
  },
  witness: probes,
};
