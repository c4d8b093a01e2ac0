import type { Call } from '../../model/call.ts';
import { merged } from '../../model/pasid/shadow.ts';
import type { World } from '../../model/world/world.ts';
import { goes, type UnitLook, unitById, wiresOf } from '../../properties/pasid/look.ts';
import { placesAtOnce } from './calls.ts';
import type { Question } from './question.ts';
import { spacesInUse, spacesOf } from './spaces.ts';

/** Whether requests under a PASID go to the one page to which the guest has mapped them. */
function works(look: UnitLook, guest: number, translated: boolean): boolean {
  const { assigned, platform, machine } = look;
  if (assigned === null) return false;
  const table = translated ? (assigned.guest.entries[guest]?.table ?? null) : null;
  if (translated && (table === null || !assigned.read.translates)) return false;
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
    const spaces = spacesOf(question, vm, look.assigned);
    if (spaces.length < spacesInUse(question, vm)) return false;
    return spaces.every(({ pasid }) => works(look, pasid, question.viommu !== 'none'));
  });
}

/** The requests that show it. */
export function requestsInUse(world: World, question: Question): readonly Call[] {
  return placesAtOnce(question).flatMap(([unit, vm]) => {
    const assigned = unitById(world, unit)?.assigned ?? null;
    const spaces = assigned === null ? [] : spacesOf(question, vm, assigned);
    return spaces.map(({ pasid }): Call => {
      return { actor: `device:${unit}`, command: 'request', args: pasid === 0 ? {} : { pasid } };
    });
  });
}
