import { ledTo } from '../../model/pasid/context.ts';
import { merged } from '../../model/pasid/shadow.ts';
import { sameState } from '../../model/world/equal.ts';
import { hasPasids } from '../platforms.ts';
import type { StepProperty, Transition } from '../property.ts';
import { firstUnit, type UnitLook, unitById, unitName } from './look.ts';

/** Tables that a VMM keeps and that an invalidation which has just completed was about. */
function covered({ world, command, result }: Transition): readonly { look: UnitLook; pasid: number }[] {
  if (command.command !== 'invalidate' || !result.ok) return [];
  const { unit, reach, pasid } = command.args;
  const asked = unitById(world, unit);
  const found: { look: UnitLook; pasid: number }[] = [];
  firstUnit(world, (look) => {
    const mine = look.unit.id === unit || (reach === 'global' && look.assigned?.vm === asked?.assigned?.vm);
    if (!mine || look.assigned === null) return null;
    for (const [guest, shadow] of look.assigned.shadows.entries()) {
      const all = reach !== 'page' && reach !== 'pasid';
      if (shadow !== null && (all || guest === pasid)) found.push({ look, pasid: guest });
    }
    return null;
  });
  return found;
}

export const shadowEqualsMerge: StepProperty = {
  id: 'shadow-equals-merge',
  sentence:
    "After every completed invalidation, a shadow table equals the guest's stage 1 merged with the host's mapping of guest memory.",
  source: 'seed 002: "it works by shadowing first-level translation"; VT-d 3.x 6.1 (caching mode)',
  kind: 'step',
  appliesTo: hasPasids,
  brokenBy: 'shadow-survives-domain-invalidation',
  violated(transition) {
    for (const { look, pasid } of covered(transition)) {
      const { assigned, platform, machine } = look;
      const table = assigned?.guest.entries[pasid]?.table ?? null;
      if (assigned === null || table === null || ledTo(assigned.read, pasid) !== 'entry') continue;
      if (!sameState(assigned.shadows[pasid], merged(platform, machine, assigned.vm, table)))
        return `the table that is kept for PASID ${pasid} of ${unitName(transition.world, look)} is not what its tables make of its memory`;
    }
    return null;
  },
  witness: (transition) =>
    covered(transition).some(({ look, pasid }) =>
      look.assigned?.shadows[pasid]?.some((page) => page !== null),
    ),
};
