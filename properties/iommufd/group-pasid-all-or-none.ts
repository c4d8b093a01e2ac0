import { driverOfDevice } from '../../model/iommufd/drivers/registry.ts';
import type { Platform } from '../../model/platform/platform.ts';
import { sameState } from '../../model/world/equal.ts';
import { attachesPasids, hasSharedGroup } from '../platforms.ts';
import type { StateProperty } from '../property.ts';

export const groupPasidAllOrNone: StateProperty = {
  id: 'group-pasid-all-or-none',
  sentence:
    'A PASID of a group is attached to the same HWPT for every member that has PASIDs. If one member refuses it, the others stay as they were.',
  source:
    'drivers/iommu/iommu.c: __iommu_set_group_pasid(); iommu: Do not revert set_domain for the last gdev',
  kind: 'state',
  appliesTo: (platform: Platform) => attachesPasids(platform) && hasSharedGroup(platform),
  brokenBy: 'group-pasid-not-undone',
  violated({ platform, devices, groups }) {
    for (const [index, { id, group }] of platform.devices.entries()) {
      if (driverOfDevice(platform, index).maxPasids(platform, index) === 0) continue;
      const table = devices[index]?.pasidTable ?? [];
      if (!sameState(table, groups[group]?.pasids))
        return `${id} has ${told(table)}, its group ${told(groups[group]?.pasids ?? [])}`;
    }
    return null;
  },
  witness: ({ platform, groups }) =>
    groups.some(
      (state, group) =>
        (state?.pasids.length ?? 0) > 0 &&
        platform.devices.filter((each) => each.group === group && (each.pasidBits ?? 0) > 0).length > 1,
    ),
};

function told(table: readonly { readonly pasid: number; readonly hwpt: number }[]): string {
  if (table.length === 0) return 'no PASID';
  return table.map(({ pasid, hwpt }) => `PASID ${pasid} on HWPT ${hwpt}`).join(', ');
}
