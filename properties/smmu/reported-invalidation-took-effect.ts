import { followsCaches } from '../platforms.ts';
import type { StepProperty, Transition } from '../property.ts';
import { entryName } from './caches.ts';
import { promisesOf, survivorOf } from './guest-invalidation.ts';

const reported = ({ result }: Transition): number => (result.ok ? 0 : Number(result.out.entryNum ?? 0));

export const reportedInvalidationTookEffect: StepProperty = {
  id: 'reported-invalidation-took-effect',
  sentence: 'If HWPT_INVALIDATE fails half way, every entry that it reports as handled has taken effect.',
  source: 'include/uapi/linux/iommufd.h: struct iommu_hwpt_invalidate, entry_num',
  kind: 'step',
  appliesTo: followsCaches,
  brokenBy: 'invalidate-drops-converted',
  violated(transition) {
    const promises = promisesOf(transition, reported(transition));
    const survivor = promises === null ? null : survivorOf(transition, promises);
    return survivor === null
      ? null
      : `${reported(transition)} were reported as handled, but caches may still hold ${entryName(transition.world, survivor)}`;
  },
  witness(transition) {
    const promises = promisesOf(transition, reported(transition)) ?? [];
    return (
      transition.before.machine?.stale.some((entry) => promises.some((covers) => covers(entry).length > 0)) ??
      false
    );
  },
};
