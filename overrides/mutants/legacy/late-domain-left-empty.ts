import type { Override } from '../../../model/rules.ts';

export const lateDomainLeftEmpty: Override = {
  name: 'late-domain-left-empty',
  kind: 'mutant',
  summary: 'a group that comes behind another IOMMU finds an empty domain',
  source: 'made up, to break container-requests-go-where-mapped',
  rules: { legacy: { lateDomainIsFilled: false } },
};
