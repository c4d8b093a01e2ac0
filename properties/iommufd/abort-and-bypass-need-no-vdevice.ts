import { fileOf } from '../../model/world/files.ts';
import { objectOf } from '../look.ts';
import { hasFreeVsmmus } from '../platforms.ts';
import type { StepProperty, Transition } from '../property.ts';

/** The nested HWPT without stage 1 that an attach names; null for other steps. */
function named({ before, command }: Transition) {
  if (command.command !== 'vfioAttach') return null;
  const file = fileOf({ world: before }, command.actor, command.args.fd);
  const bound = file?.of.kind === 'cdev' ? file.of.bound : null;
  const context = bound === null ? null : (before.contexts[bound.ctx] ?? null);
  const hwpt = context === null ? null : objectOf(context, command.args.ptId, 'hwptNested');
  return hwpt === null || hwpt.domain.config === 's1Translate' ? null : hwpt;
}

export const abortAndBypassNeedNoVdevice: StepProperty = {
  id: 'abort-and-bypass-need-no-vdevice',
  sentence: 'A nested HWPT that aborts or bypasses can be attached before the device has a vDEVICE.',
  source: 'iommu/arm-smmu-v3-iommufd: Allow attaching nested domain for GBPA cases (81c45c62dc3e)',
  kind: 'step',
  appliesTo: hasFreeVsmmus,
  brokenBy: 'gbpa-needs-vdevice',
  violated(transition) {
    const hwpt = named(transition);
    if (hwpt === null || transition.result.ok || transition.result.errno !== 'ENOENT') return null;
    return `attaching a nested HWPT that is ${hwpt.domain.config} was refused for want of a vDEVICE`;
  },
  witness: (transition) => named(transition) !== null && transition.result.ok,
};
