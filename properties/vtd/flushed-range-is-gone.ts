import type { FlushedRange } from '../../model/iommufd/drivers/driver.ts';
import { pageOf } from '../../model/smmu/machine/mappings.ts';
import { sameRef, targetsOf } from '../../model/vtd/driver/targets.ts';
import { vtdUsableBy } from '../../model/vtd/machine/reach.ts';
import { vtdViewOf } from '../../model/vtd/machine/view-of.ts';
import { followsVtd } from '../platforms.ts';
import type { StepProperty, Transition } from '../property.ts';
import { vtdEntryName } from './caches.ts';

/** What a guest was told that it has invalidated, and on which HWPT. */
function flushed({ effects }: Transition) {
  for (const effect of effects) if (effect.kind === 'rangesFlushed') return effect;
  return null;
}

function meets(
  { first, last }: { first: number; last: number },
  { start, last: end }: FlushedRange,
): boolean {
  return first <= pageOf(end) && last >= pageOf(start);
}

export const flushedRangeIsGone: StepProperty = {
  id: 'flushed-range-is-gone',
  sentence:
    'After HWPT_INVALIDATE of a nested HWPT has handled a range, no cache holds a stale translation of it, under any PASID of the HWPT, in the unit or in a device.',
  source: 'include/uapi/linux/iommufd.h: struct iommu_hwpt_vtd_s1_invalidate',
  kind: 'step',
  appliesTo: followsVtd,
  brokenBy: 'vtd-flush-mask-unaligned',
  violated(transition) {
    const { world } = transition;
    const flush = flushed(transition);
    if (flush === null || world.vtd === null) return null;
    const stale = new Set(world.vtd.stale.map(({ key }) => key));
    const view = vtdViewOf(world);
    for (const device of world.platform.devices.keys()) {
      for (const { pasid, hwpt } of targetsOf(world, device)) {
        if (!sameRef(hwpt, flush)) continue;
        const left = vtdUsableBy(world, view, device, pasid).find(
          (hit) => stale.has(hit.key) && flush.ranges.some((range) => meets(hit, range)),
        );
        if (left !== undefined) return `caches may still hold ${vtdEntryName(world, left)}`;
      }
    }
    return null;
  },
  witness: (transition) =>
    flushed(transition) !== null &&
    (transition.before.vtd?.stale.some((entry) => entry.cache === 'iotlb' && entry.holds === 'final') ??
      false),
};
