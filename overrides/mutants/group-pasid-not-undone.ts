import type { Override } from '../../model/rules.ts';

export const groupPasidNotUndone: Override = {
  name: 'group-pasid-not-undone',
  kind: 'mutant',
  summary: 'a PASID that a later member of the group refuses stays attached for those before it',
  source: 'made up, to break group-pasid-all-or-none; the undo is that of __iommu_set_group_pasid()',
  rules: { iommufd: { failedGroupPasidIsUndone: false } },
};
