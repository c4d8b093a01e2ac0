import { followsCaches } from '../platforms.ts';
import type { StepProperty, Transition } from '../property.ts';
import { entryName } from './caches.ts';
import { promisesOf, survivorOf } from './guest-invalidation.ts';

const handled = ({ result }: Transition): number => (result.ok ? Number(result.out.entryNum ?? 0) : 0);

export const afterInvalidationNothingStale: StepProperty = {
  id: 'after-invalidation-nothing-stale',
  sentence: "After a guest's invalidation has completed, no cache holds a stale entry that it covers.",
  source: 'IHI0070 4.3 to 4.7; include/uapi/linux/iommufd.h: struct iommu_viommu_arm_smmuv3_invalidate',
  kind: 'step',
  appliesTo: followsCaches,
  brokenBy: 'tlbi-without-vmid',
  violated(transition) {
    const promises = promisesOf(transition, handled(transition));
    const survivor = promises === null ? null : survivorOf(transition, promises);
    return survivor === null
      ? null
      : `caches may still hold ${entryName(transition.world, survivor)}, which the guest has invalidated`;
  },
  witness(transition) {
    const promises = promisesOf(transition, handled(transition)) ?? [];
    return (
      transition.before.machine?.stale.some((entry) => promises.some((covers) => covers(entry).length > 0)) ??
      false
    );
  },
};
