import { hasPasids } from '../platforms.ts';
import type { StepProperty, Transition } from '../property.ts';
import { firstUnit, pasidText, unitById, unitName, wiresOf } from './look.ts';

/** What a guest has just invalidated; null: nothing. */
function asked({ command, result }: Transition) {
  return command.command === 'invalidate' && result.ok ? command.args : null;
}

/** A cached translation of those that the guest has just invalidated, in words. */
function survivor(transition: Transition, stale: 'before' | 'after'): string | null {
  const args = asked(transition);
  if (args === null) return null;
  const { world, before } = transition;
  const machine = (stale === 'after' ? world : before).pasids;
  const vm = unitById(world, args.unit)?.assigned?.vm;
  const one = args.reach === 'page' || args.reach === 'pasid';
  return firstUnit(world, (look) => {
    const { unit, assigned } = look;
    const mine = unit.id === args.unit || (args.reach === 'global' && assigned?.vm === vm);
    if (!mine || assigned === null || assigned.viommu === 'none') return null;
    for (const { guest, pasid } of wiresOf(look)) {
      if (one && guest !== args.pasid) continue;
      const found = machine?.stale.find(
        (each) =>
          each.cache === 'first' &&
          each.stream === unit.parent &&
          each.pasid === pasid &&
          (args.reach !== 'page' || each.iova === args.iova),
      );
      if (found !== undefined) return `${unitName(world, look)}, ${pasidText(guest)}`;
    }
    return null;
  });
}

export const invalidatedTranslationIsGone: StepProperty = {
  id: 'invalidated-translation-is-gone',
  sentence: "After a guest's invalidation has completed, no cache holds a stale translation that it covers.",
  source:
    'IHI0070 4.4, 4.7; VT-d 3.x 6.5.2.4; include/uapi/linux/iommufd.h: struct iommu_hwpt_vtd_s1_invalidate',
  kind: 'step',
  appliesTo: hasPasids,
  brokenBy: 'nested-without-invalidation',
  violated(transition) {
    const name = survivor(transition, 'after');
    return name === null ? null : `a translation of ${name}, is still cached`;
  },
  witness: (transition) => survivor(transition, 'before') !== null,
};
