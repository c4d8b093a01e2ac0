import type { Override } from '../../../model/rules.ts';

export const shadowSurvivesDomainInvalidation: Override = {
  name: 'shadow-survives-domain-invalidation',
  kind: 'defect',
  summary:
    'a VMM does not update the tables that it keeps for a guest at an invalidation of a whole domain or of everything',
  source: 'intel-iommu: send UNMAP notifications for domain or global inv desc (QEMU 3e090e3489)',
  rules: { pasid: { invalidationUpdatesShadow: (reach) => reach !== 'domain' && reach !== 'global' } },
};
