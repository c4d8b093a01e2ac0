import type { Override } from '../../../model/rules.ts';

export const nestedWithoutInvalidation: Override = {
  name: 'nested-without-invalidation',
  kind: 'defect',
  summary: 'what a guest invalidates never reaches the caches of the hardware',
  source: 'iommufd: Require drivers to supply the cache_invalidate_user ops (Linux 6.10.10)',
  rules: { pasid: { invalidationIsForwarded: false } },
};
