import { sameState } from '../../model/world/equal.ts';
import { VFIO_DEVICE } from '../../spec/vfio/constants.ts';
import { attachesPasids, hasFreeProcess } from '../platforms.ts';
import type { StepProperty, Transition } from '../property.ts';

/** An attach by PASID of which the answer could not be written. PASID 0 is none. */
function unanswered({ command, result }: Transition): boolean {
  return (
    command.command === 'vfioAttach' &&
    command.args.unwritable &&
    (command.args.flags & VFIO_DEVICE.ATTACH_PASID) !== 0 &&
    command.args.pasid !== 0 &&
    !result.ok &&
    result.errno === 'EFAULT'
  );
}

export const failedAnswerUndoesAttach: StepProperty = {
  id: 'failed-answer-undoes-attach',
  sentence:
    'If the answer of an attach by PASID cannot be written, that attach is undone and nothing else is.',
  source: 'drivers/vfio/device_cdev.c: vfio_df_ioctl_attach_pt()',
  kind: 'step',
  appliesTo: (platform) => hasFreeProcess(platform) && attachesPasids(platform),
  brokenBy: 'failed-answer-detaches-rid',
  violated(transition) {
    if (!unanswered(transition)) return null;
    const { before, world } = transition;
    if (sameState(before.groups, world.groups) && sameState(before.devices, world.devices)) return null;
    const group = before.groups.findIndex((state, index) => !sameState(state, world.groups[index]));
    const rid = !sameState(before.groups[group]?.domain, world.groups[group]?.domain);
    return rid
      ? `requests without PASID of group ${group} are on another domain after an attach of a PASID failed`
      : `the PASIDs of group ${group} are not what they were before an attach failed`;
  },
  witness: unanswered,
};
