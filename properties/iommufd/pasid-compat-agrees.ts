import type { Context } from '../../model/iommufd/context.ts';
import { attachesPasids } from '../platforms.ts';
import type { StateProperty } from '../property.ts';

function isCompat(context: Context, id: number): boolean {
  const hwpt = context.objects[id];
  return (hwpt?.type === 'hwptPaging' || hwpt?.type === 'hwptNested') && hwpt.pasidCompat;
}

export const pasidCompatAgrees: StateProperty = {
  id: 'pasid-compat-agrees',
  sentence:
    'While a PASID of a group is attached, its HWPT and the HWPT of requests without PASID were both allocated with IOMMU_HWPT_ALLOC_PASID.',
  source: 'include/uapi/linux/iommufd.h: IOMMU_HWPT_ALLOC_PASID; iommufd_hwpt_pasid_compat()',
  kind: 'state',
  appliesTo: attachesPasids,
  brokenBy: 'pasid-compat-unchecked',
  violated(world) {
    for (const context of world.contexts) {
      for (const { group, attach, pasids } of context?.groups ?? []) {
        if (context === null || pasids.length === 0) continue;
        if (attach !== null && !isCompat(context, attach.hwpt))
          return `PASIDs of group ${group} are attached beside HWPT ${attach.hwpt}, which was not made for that`;
        const other = pasids.find(({ hwpt }) => !isCompat(context, hwpt));
        if (other !== undefined)
          return `PASID ${other.pasid} of group ${group} is on HWPT ${other.hwpt}, which was not made for PASIDs`;
      }
    }
    return null;
  },
  witness: (world) =>
    world.contexts.some(
      (context) =>
        context?.groups.some(({ attach, pasids }) => attach !== null && pasids.length > 0) ?? false,
    ),
};
