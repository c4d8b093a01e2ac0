import { fileOf } from '../../model/world/files.ts';
import { followsVtd } from '../platforms.ts';
import type { StepProperty, Transition } from '../property.ts';

/** A replace without PASID that was refused by the driver. */
function refusedReplace({ before, command, result }: Transition): boolean {
  if (command.command !== 'vfioAttach' || result.ok || (command.args.flags & 1) !== 0) return false;
  const file = fileOf({ world: before }, command.actor, command.args.fd);
  if (file?.of.kind !== 'cdev' || file.of.bound === null) return false;
  return before.groups[before.platform.devices[file.of.device]?.group ?? -1]?.domain.kind === 'hwpt';
}

export const failedAttachBlocksNothing: StepProperty = {
  id: 'failed-attach-blocks-nothing',
  sentence: 'An attach that is refused never takes the device off its domain, not even for a moment.',
  source: 'drivers/iommu/iommu.c: __iommu_group_set_domain_internal(); intel_nested_attach_dev()',
  kind: 'step',
  appliesTo: followsVtd,
  brokenBy: 'failed-nested-attach-blocks',
  violated({ effects, world }) {
    for (const effect of effects) {
      if (effect.kind !== 'translationBlocked') continue;
      const { id } = world.platform.devices[effect.device] as { id: string };
      return `DMA of ${id} was blocked for a while by an attach that was refused`;
    }
    return null;
  },
  witness: refusedReplace,
};
