import { fileOf } from '../../model/world/files.ts';
import { VFIO_DEVICE } from '../../spec/vfio/constants.ts';
import { hasSharedGroup } from '../platforms.ts';
import type { StepProperty, Transition } from '../property.ts';

/** The IOMMU group of a device that an attach without PASID just moved; null for other steps. */
function movedGroup({ before, command, result }: Transition): number | null {
  if (command.command !== 'vfioAttach' || !result.ok) return null;
  if ((command.args.flags & VFIO_DEVICE.ATTACH_PASID) !== 0) return null;
  const file = fileOf({ world: before }, command.actor, command.args.fd);
  return file?.of.kind === 'cdev' ? (before.platform.devices[file.of.device]?.group ?? null) : null;
}

export const groupOnOneHwpt: StepProperty = {
  id: 'group-on-one-hwpt',
  sentence: 'After an attach the whole IOMMU group is on the HWPT that the answer names.',
  source: 'drivers/iommu/iommufd/device.c: iommufd_hw_pagetable_attach(); one group, one domain',
  kind: 'step',
  appliesTo: hasSharedGroup,
  brokenBy: 'group-member-elsewhere',
  violated(transition) {
    const group = movedGroup(transition);
    if (group === null) return null;
    const domain = transition.world.groups[group]?.domain;
    const told = transition.result.out.ptId;
    if (domain?.kind === 'hwpt' && domain.hwpt === told) return null;
    const actual = domain?.kind === 'hwpt' ? `HWPT ${domain.hwpt}` : `the ${domain?.kind} domain`;
    return `the answer says HWPT ${told}, but group ${group} is on ${actual}`;
  },
  witness(transition) {
    const group = movedGroup(transition);
    return transition.before.platform.devices.filter((device) => device.group === group).length > 1;
  },
};
