import { hasVsmmu } from '../platforms.ts';
import type { StepProperty } from '../property.ts';
import { handedBy, unheard } from './handed-on.ts';

export const invalidationsReachTheKernel: StepProperty = {
  id: 'invalidations-reach-the-kernel',
  sentence:
    'An invalidation of a guest counts as done only once the kernel has handled it, unchanged, on every vIOMMU that may have cached what it names.',
  source:
    'IHI0070 4.3 to 4.5; include/uapi/linux/iommufd.h: struct iommu_hwpt_invalidate, entry_num; arm_vsmmu_cache_invalidate()',
  kind: 'step',
  appliesTo: hasVsmmu,
  brokenBy: 'asid-invalidation-kept-back',
  violated: unheard,
  witness: ({ effects }) =>
    effects.some((effect) => effect.kind === 'guestCommand' && effect.done) &&
    effects.some((effect) => (handedBy(effect)?.handled ?? 0) > 0),
};
