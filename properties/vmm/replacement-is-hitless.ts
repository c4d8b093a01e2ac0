import type { World } from '../../model/world/world.ts';
import { hasVsmmu } from '../platforms.ts';
import type { StepProperty, Transition } from '../property.ts';
import type { Placed } from './look.ts';
import { deviceAfter, firstPlugged, placeText } from './look.ts';
import { attachmentsOf } from './look-attachments.ts';
import { actualTreatment } from './look-stream.ts';

const STAGE_1 = 'stage 1 by ';

/** Whether an entry became one that differs in one of its words at most, both with stage 1: no moment is without either. */
function isHitless(before: string, after: string): boolean {
  if (!before.startsWith(STAGE_1) || !after.startsWith(STAGE_1)) return false;
  const old = before.slice(STAGE_1.length).split(',');
  return after
    .slice(STAGE_1.length)
    .split(',')
    .some((word, at) => word === old[at]);
}

function isStep({ command }: Transition): boolean {
  return command.command !== 'renumber' && command.command !== 'reset' && command.command !== 'unplug';
}

function replaced(transition: Transition, placed: Placed): { readonly world: World } | null {
  if (!isStep(transition)) return null;
  const after = deviceAfter(transition.world, placed);
  if (after === null) return null;
  const was = actualTreatment(transition.before, placed);
  return isHitless(was, actualTreatment(transition.world, after)) ? transition : null;
}

export const replacementIsHitless: StepProperty = {
  id: 'replacement-is-hitless',
  sentence: 'If an STE changes in one doubleword only, the device is not aborted during the change.',
  source: 'IHI0070 3.21.3.1 (atomic updates of an STE); iommufd.h: IOMMU_HWPT_ALLOC, VFIO attach replaces',
  kind: 'step',
  appliesTo: hasVsmmu,
  brokenBy: 'replacement-by-abort',
  violated: (transition) =>
    firstPlugged(transition.before, (placed) => {
      const through = attachmentsOf(transition, placed);
      if (!through.includes('abort') || replaced(transition, placed) === null) return null;
      return `DMA of ${placeText(placed)} aborts between two STEs with stage 1: it goes through ${through.join(', ')}`;
    }),
  witness: (transition) =>
    firstPlugged(transition.before, (placed) =>
      attachmentsOf(transition, placed).length > 0 && replaced(transition, placed) !== null ? true : null,
    ) !== null,
};
