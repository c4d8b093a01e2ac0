import type { Unit } from '../platform/pasid.ts';
import type { CommandArgs } from '../world/command.ts';
import { done, type Result, refused } from '../world/result.ts';
import type { Tx } from '../world/tx.ts';
import { bind, boundPasids, entryOf, hostNumber, takeTable, updateShadow } from './bind.ts';
import { vmOfGuest } from './guest.ts';
import { type Assigned, type ContextEntry, sameContext } from './machine.ts';
import { giveTranslated } from './numbers.ts';
import { INVALIDATIONS, type Invalidation } from './rules.ts';
import { putUnit, unitOfGuest, type Work, work } from './work.ts';

/**
 * A guest invalidates and waits. `page` and `pasid` are about one PASID (`pasid` with its table entry), `domain` about
 * the translations of a unit, `global` of all its units, `context` about all there is of a unit. The VMM traps it, brings what it
 * keeps for the guest up to date, and has the host flush.
 */
export function invalidate(tx: Tx, args: CommandArgs['invalidate'], actor: string): Result {
  return work(tx, (at) => {
    const vm = vmOfGuest(tx, actor);
    const of = unitOfGuest(at, args.unit, vm);
    if (of === null || of.assigned.viommu === 'none') return refused('ENODEV');
    const { reach, pasid, iova } = args;
    if (!isInvalidation(reach) || pasid > at.platform.pasids || iova >= at.platform.iovaPages)
      return refused('EINVAL');
    at.effects.push({ kind: 'trapped', unit: of.unit });
    if (reach === 'context') rereadContext(at, of.unit);
    else if (reach === 'pasid') rereadEntry(at, of.unit, pasid);
    else if (reach === 'page') refresh(at, of.unit, pasid, reach, iova);
    else for (const unit of covered(at, of.unit, vm, reach)) refreshAll(at, unit, reach);
    return done();
  });
}

function isInvalidation(word: string): word is Invalidation {
  return (INVALIDATIONS as readonly string[]).includes(word);
}

function covered(at: Work, unit: number, vm: number, reach: Invalidation): readonly number[] {
  if (reach !== 'global') return [unit];
  return at.machine.units.flatMap((assigned, other) =>
    assigned !== null && assigned.vm === vm && assigned.viommu !== 'none' ? [other] : [],
  );
}

/** The context entry is read, and with it everything that it leads to. */
function rereadContext(at: Work, unit: number): void {
  const assigned = at.machine.units[unit] as Assigned;
  const { translates, unnumbered, pasidBits } = assigned.guest;
  const read: ContextEntry = { translates, unnumbered, pasidBits };
  if (!sameContext(assigned.read, read)) putUnit(at, unit, { ...assigned, read });
  if (!translates) takeTable(at, unit);
  if (!at.rules.pasid.contextInvalidationRebinds) return;
  giveTranslated(at, unit);
  for (const guest of boundPasids(at, unit)) {
    bind(at, unit, guest);
    flushEntry(at, unit, guest);
    refresh(at, unit, guest, 'context', null);
  }
}

function rereadEntry(at: Work, unit: number, guest: number): void {
  if (at.rules.pasid.pasidInvalidationRebinds) {
    giveTranslated(at, unit);
    bind(at, unit, guest);
  }
  flushEntry(at, unit, guest);
  refresh(at, unit, guest, 'pasid', null);
}

function refreshAll(at: Work, unit: number, reach: Invalidation): void {
  for (const guest of boundPasids(at, unit)) refresh(at, unit, guest, reach, null);
}

/** Brings a table that the VMM keeps up to date, and flushes translations. */
function refresh(at: Work, unit: number, guest: number, reach: Invalidation, iova: number | null): void {
  if (at.rules.pasid.invalidationUpdatesShadow(reach))
    updateShadow(at, unit, guest, entryOf(at, unit, guest));
  const host = hostNumber(at, unit, at.machine.units[unit] as Assigned, guest);
  if (host === null || !at.rules.pasid.invalidationIsForwarded) return;
  const { parent } = at.units[unit] as Unit;
  // A table of the VMM's in the place of stage 2 is cached as stage 2 is.
  const entry = entryOf(at, unit, guest);
  if (entry?.form === 'second' && at.machine.units[unit]?.mechanism === 'shadow')
    at.flushes.push({ of: 'domain', domain: entry.domain });
  at.flushes.push({ of: 'pasid', stream: parent, pasid: host, iova });
}

function flushEntry(at: Work, unit: number, guest: number): void {
  const host = hostNumber(at, unit, at.machine.units[unit] as Assigned, guest);
  if (host !== null && at.rules.pasid.invalidationIsForwarded)
    at.flushes.push({ of: 'entry', stream: (at.units[unit] as Unit).parent, pasid: host });
}
