import { merged } from '../../model/pasid/shadow.ts';
import type { World } from '../../model/world/world.ts';
import type { Call } from '../../properties/commands/call.ts';
import { goes, type UnitLook, unitById, wiresOf } from '../../properties/look-pasid.ts';
import { placesAtOnce } from './calls.ts';
import type { Question } from './question.ts';

/** The PASIDs that a guest uses in a cell: requests without, and one of its own where it has any. */
function pasidsInUse({ assigned }: UnitLook, question: Question): readonly number[] | null {
  if (question.viommu !== 'pasids') return [0];
  const own = question.paravirtual ? assigned?.given[0]?.guest : 1;
  return own === undefined ? null : [0, own];
}

/** Whether requests under a PASID go to the one page to which the guest has mapped them. */
function works(look: UnitLook, guest: number, translated: boolean): boolean {
  const { assigned, platform, machine } = look;
  if (assigned === null) return false;
  const table = translated ? (assigned.guest.entries[guest]?.table ?? null) : null;
  if (translated && (table === null || !assigned.translates)) return false;
  const page = merged(platform, machine, assigned.vm, table)[0] ?? null;
  const wire = wiresOf(look).find((each) => each.guest === guest);
  if (page === null || wire === undefined) return false;
  const { pages, faults } = goes(look, wire.pasid, 0);
  return !faults && pages.length === 1 && pages[0] === page;
}

/** Whether every unit of a cell is with its machine at once, and every address space of its guest is mapped and works. */
export function isInUse(world: World, question: Question): boolean {
  return placesAtOnce(question).every(([unit, vm]) => {
    const look = unitById(world, unit);
    if (look === null || look.assigned === null || world.platform.vms[look.assigned.vm] !== vm) return false;
    const pasids = pasidsInUse(look, question);
    return pasids?.every((pasid) => works(look, pasid, question.viommu !== 'none')) ?? false;
  });
}

/** The requests that show it. */
export function requestsInUse(world: World, question: Question): readonly Call[] {
  return placesAtOnce(question).flatMap(([unit]) => {
    const look = unitById(world, unit);
    const pasids = look === null ? null : pasidsInUse(look, question);
    return (pasids ?? []).map((pasid): Call => {
      return { actor: `device:${unit}`, command: 'request', args: pasid === 0 ? {} : { pasid } };
    });
  });
}
