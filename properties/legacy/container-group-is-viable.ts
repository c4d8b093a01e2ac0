import { hasContainers } from '../platforms.ts';
import type { StateProperty } from '../property.ts';

export const containerGroupIsViable: StateProperty = {
  id: 'container-group-is-viable',
  sentence: 'While a group is in a container, no host driver is bound to a device of the group.',
  source: 'Documentation/driver-api/vfio.rst: "a group is viable"; iommu_group_claim_dma_owner()',
  kind: 'state',
  appliesTo: hasContainers,
  brokenBy: 'group-viability-unchecked',
  violated({ legacy }) {
    for (const [group, { container, hostDrivers }] of (legacy?.groups ?? []).entries()) {
      const [device] = hostDrivers;
      if (container !== null && device !== undefined)
        return `group ${group} is in container ${container}, and a driver of the host has ${device}`;
    }
    return null;
  },
  witness: ({ legacy }) =>
    legacy?.groups.some(({ container }) => container !== null) === true &&
    legacy.groups.some(({ hostDrivers }) => hostDrivers.length > 0),
};
