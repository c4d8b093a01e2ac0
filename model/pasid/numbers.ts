import type { Unit } from '../platform/pasid.ts';
import type { CommandArgs } from '../world/command.ts';
import { done, type Result, refused } from '../world/result.ts';
import type { Tx } from '../world/tx.ts';
import { bind, unbind } from './bind.ts';
import { vmOfGuest } from './guest.ts';
import { put, putUnit, unitOfGuest, type Work, work } from './work.ts';

/** The lowest PASID of a unit's function that nobody has; null where all are taken. */
export function freeNumber(at: Work, unit: number): number | null {
  const { parent } = at.units[unit] as Unit;
  const taken = new Set<number>();
  for (const [other, assigned] of at.machine.units.entries()) {
    if (assigned === null || at.units[other]?.parent !== parent) continue;
    if (other !== unit && at.rules.pasid.pasidGivenTwice) continue;
    if (assigned.pasid !== null) taken.add(assigned.pasid);
    for (const { host } of assigned.given) taken.add(host);
  }
  for (let pasid = 1; pasid <= at.platform.pasids; pasid++) if (!taken.has(pasid)) return pasid;
  return null;
}

/** Whether the guest of a unit can ask for PASIDs. */
function canAsk(at: Work, paravirtual: boolean): boolean {
  return paravirtual && at.platform.hardware.allocation !== 'none';
}

/** A guest asks for a PASID. ENODEV: its vIOMMU has no such command; ENOSPC: there is none left. */
export function allocPasid(tx: Tx, args: CommandArgs['allocPasid'], actor: string): Result {
  return work(tx, (at) => {
    const of = unitOfGuest(at, args.unit, vmOfGuest(tx, actor));
    if (of === null || !canAsk(at, of.assigned.paravirtual)) return refused('ENODEV');
    const pasid = freeNumber(at, of.unit);
    if (pasid === null) return refused('ENOSPC');
    at.effects.push({ kind: 'trapped', unit: of.unit });
    const given = [...of.assigned.given, { guest: pasid, host: pasid }];
    putUnit(at, of.unit, { ...of.assigned, given });
    bind(at, of.unit, pasid);
    return done({ pasid });
  });
}

/** A guest gives a PASID back. ENOENT: it does not have it. */
export function freePasid(tx: Tx, args: CommandArgs['freePasid'], actor: string): Result {
  return work(tx, (at) => {
    const of = unitOfGuest(at, args.unit, vmOfGuest(tx, actor));
    if (of === null || !canAsk(at, of.assigned.paravirtual)) return refused('ENODEV');
    if (!of.assigned.given.some(({ guest }) => guest === args.pasid)) return refused('ENOENT');
    at.effects.push({ kind: 'trapped', unit: of.unit });
    unbind(at, of.unit, args.pasid);
    const assigned = at.machine.units[of.unit];
    if (assigned === null || assigned === undefined) return refused('ENODEV');
    const given = assigned.given.filter(({ guest }) => guest !== args.pasid);
    const { guest } = assigned;
    const cleared = at.rules.pasid.hostWritesGuestTable
      ? { ...guest, entries: put(guest.entries, args.pasid, null) }
      : guest;
    putUnit(at, of.unit, { ...assigned, given, guest: cleared });
    return done();
  });
}

/** Gives numbers to the PASIDs that a guest has set up, where the device is told another number than the guest's. */
export function giveTranslated(at: Work, unit: number): void {
  const assigned = at.machine.units[unit] ?? null;
  if (assigned === null || assigned.viommu !== 'pasids' || assigned.paravirtual) return;
  if (!at.platform.hardware.translatesPasids || !(at.units[unit] as Unit).slice) return;
  for (let guest = 1; guest <= at.platform.guestPasids; guest++) {
    const now = at.machine.units[unit];
    if (now === null || now === undefined || !now.guest.entries[guest]?.present) continue;
    if (now.given.some((each) => each.guest === guest)) continue;
    const host = freeNumber(at, unit);
    if (host !== null) putUnit(at, unit, { ...now, given: [...now.given, { guest, host }] });
  }
}
