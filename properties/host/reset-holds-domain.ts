import type { GroupDomain, PasidDomain } from '../../model/host/device.ts';
import type { World } from '../../model/world/world.ts';
import { resetsDevices } from '../platforms.ts';
import type { StepProperty, Transition } from '../property.ts';

function isResetting({ devices, platform }: World, group: number): boolean {
  return devices.some(({ resetting }, at) => resetting && platform.devices[at]?.group === group);
}

function isNew(after: GroupDomain, before: GroupDomain | undefined): boolean {
  if (after.kind !== 'hwpt') return false;
  return before?.kind !== 'hwpt' || before.ctx !== after.ctx || before.hwpt !== after.hwpt;
}

function isAdded({ pasid, ctx, hwpt }: PasidDomain, before: readonly PasidDomain[]): boolean {
  return !before.some((each) => each.pasid === pasid && each.ctx === ctx && each.hwpt === hwpt);
}

function isTurnedAway({ command, result }: Transition): boolean {
  return command.command === 'vfioAttach' && !result.ok && result.errno === 'EBUSY';
}

export const resetHoldsDomain: StepProperty = {
  id: 'reset-holds-domain',
  sentence: 'While a device is being reset, nothing new is attached to its group, with or without a PASID.',
  source:
    'drivers/iommu/iommu.c: pci_dev_reset_iommu_prepare(): attach and replace are EBUSY until the reset is done',
  kind: 'step',
  brokenBy: 'reset-lets-attach',
  appliesTo: resetsDevices,
  violated({ before, world }) {
    for (const [group, state] of world.groups.entries()) {
      if (state === null || !isResetting(before, group)) continue;
      const { domain, pasids } = state;
      const was = before.groups[group];
      if (isNew(domain, was?.domain))
        return `group ${group} is attached to an HWPT while a device of it is being reset`;
      const added = pasids.find((each) => isAdded(each, was?.pasids ?? []));
      if (added !== undefined)
        return `PASID ${added.pasid} of group ${group} is attached while a device of it is being reset`;
    }
    return null;
  },
  witness: (transition) =>
    isTurnedAway(transition) && transition.before.devices.some(({ resetting }) => resetting),
};
