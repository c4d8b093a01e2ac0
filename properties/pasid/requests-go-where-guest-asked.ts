import { ledTo } from '../../model/pasid/context.ts';
import { sameContext } from '../../model/pasid/machine.ts';
import { merged } from '../../model/pasid/shadow.ts';
import { hasPasids } from '../platforms.ts';
import type { StepProperty, Transition } from '../property.ts';
import { goes, pasidText, type UnitLook, unitById, unitName, wiresOf } from './look.ts';

/** The unit of which a vIOMMU has just taken in everything, or everything of one PASID; null: of none. */
function told({ world, command, result }: Transition): { look: UnitLook; pasid: number | null } | null {
  if (!result.ok) return null;
  if (command.command !== 'assign' && command.command !== 'invalidate') return null;
  const look = unitById(world, command.args.unit);
  if (look === null || look.assigned === null) return null;
  if (command.command === 'assign' || command.args.reach === 'context') return { look, pasid: null };
  const knows = sameContext(look.assigned.read, look.assigned.guest);
  return command.args.reach === 'pasid' && knows ? { look, pasid: command.args.pasid } : null;
}

/** The stage-1 table of a PASID in guest memory; null: none, as its memory is; undefined: requests abort. */
function tableOf({ assigned, unit }: UnitLook, guest: number): number | null | undefined {
  if (assigned === null) return undefined;
  if (guest !== 0 && assigned.viommu !== 'pasids') return undefined;
  const led = ledTo(assigned.guest, guest);
  if (led !== 'entry') return led === 'bypass' ? null : undefined;
  const entry = assigned.guest.entries[guest] ?? null;
  const mayUse = guest === 0 || !assigned.paravirtual || isGiven(assigned.given, guest) || !unit.slice;
  return entry === null || !entry.present || !mayUse ? undefined : entry.table;
}

function isGiven(given: readonly { readonly guest: number }[], guest: number): boolean {
  return given.some((each) => each.guest === guest);
}

/** PASIDs that a unit's guest may set up. */
function usable(look: UnitLook): readonly number[] {
  const { assigned, platform, unit } = look;
  if (assigned === null) return [];
  if (unit.slice && !assigned.guest.translates) return [0];
  if (assigned.viommu !== 'pasids') return unit.slice ? [0] : wiresOf(look).map(({ guest }) => guest);
  if (assigned.paravirtual) return [0, ...assigned.given.map(({ guest }) => guest)];
  return Array.from({ length: platform.guestPasids + 1 }, (_, guest) => guest);
}

export const requestsGoWhereGuestAsked: StepProperty = {
  id: 'requests-go-where-guest-asked',
  sentence:
    "After a guest has invalidated a context or PASID table entry, requests that use it reach what the guest's tables and the host's mapping of guest memory say.",
  source: 'IHI0070 3.3.2, 4.3; VT-d 3.x 6.5.2; seed 002: "individual page tables are assigned to the guest"',
  kind: 'step',
  appliesTo: hasPasids,
  brokenBy: 'bindings-not-replayed',
  violated(transition) {
    const about = told(transition);
    if (about === null) return null;
    const { look } = about;
    const { platform, machine, assigned } = look;
    if (assigned === null) return null;
    for (const guest of usable(look)) {
      if (about.pasid !== null && about.pasid !== guest) continue;
      const table = tableOf(look, guest);
      const wanted = table === undefined ? null : merged(platform, machine, assigned.vm, table);
      const wire = wiresOf(look).find((each) => each.guest === guest);
      for (let iova = 0; iova < platform.iovaPages; iova++) {
        const page = wanted?.[iova] ?? null;
        const { pages, faults } =
          wire === undefined ? { pages: [], faults: true } : goes(look, wire.pasid, iova);
        const name = `${unitName(transition.world, look)}: page ${iova} ${pasidText(guest)}`;
        if (page === null && pages.length > 0) return `${name} is to fault, but is reached`;
        if (page !== null && (faults || pages.length !== 1 || pages[0] !== page))
          return `${name} does not lead where the guest's tables lead`;
      }
    }
    return null;
  },
  witness(transition) {
    const about = told(transition);
    return about?.look.assigned?.guest.entries.some((entry) => entry?.present === true) ?? false;
  },
};
