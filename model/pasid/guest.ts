import type { CommandArgs } from '../world/command.ts';
import { done, type Result, refused } from '../world/result.ts';
import type { Tx } from '../world/tx.ts';
import { type GuestEntry, type GuestTable, sameContext, UNNUMBERED } from './machine.ts';
import { put, putUnit, unitOfGuest, type Work, work } from './work.ts';

const GUEST = 'guest:';

/** The index of the machine whose guest acts; -1 where the actor is none. */
export function vmOfGuest(tx: Tx, actor: string): number {
  return tx.world.platform.vms.findIndex((vm) => actor === GUEST + vm);
}

/**
 * A guest stores a context entry in its memory; `unnumbered` left out is `entry`. ENODEV: it has no such unit, or no vIOMMU in
 * front of it; EINVAL: there is no such word, or more bits than the field has.
 */
export function writeContext(tx: Tx, args: CommandArgs['writeContext'], actor: string): Result {
  return work(tx, (at) => {
    const of = unitOfGuest(at, args.unit, vmOfGuest(tx, actor));
    if (of === null || of.assigned.viommu === 'none') return refused('ENODEV');
    const { guest } = of.assigned;
    const { translates, pasidBits } = args;
    const unnumbered = UNNUMBERED.find((word) => word === (args.unnumbered || 'entry'));
    if (unnumbered === undefined || pasidBits >= 32) return refused('EINVAL');
    if (!sameContext(guest, { translates, unnumbered, pasidBits }))
      putUnit(at, of.unit, { ...of.assigned, guest: { ...guest, translates, unnumbered, pasidBits } });
    return done();
  });
}

/** A guest stores an entry of its PASID table. EINVAL: there is no such entry, or no such stage-1 table. */
export function writePasidEntry(tx: Tx, args: CommandArgs['writePasidEntry'], actor: string): Result {
  return work(tx, (at) => {
    const of = unitOfGuest(at, args.unit, vmOfGuest(tx, actor));
    if (of === null || of.assigned.viommu === 'none') return refused('ENODEV');
    const { pasid, present, passThrough, table } = args;
    const most = of.assigned.viommu === 'pasids' ? at.platform.pasids : 0;
    if (pasid > most || table >= at.platform.guestTables) return refused('EINVAL');
    const { guest } = of.assigned;
    const entry: GuestEntry = { present, table: passThrough ? null : table };
    const old = guest.entries[pasid] ?? null;
    if (old !== null && old.present === present && old.table === entry.table) return done();
    const entries = put(guest.entries, pasid, entry);
    putUnit(at, of.unit, { ...of.assigned, guest: { ...guest, entries } });
    return done();
  });
}

/** A guest stores a descriptor in a stage-1 table in its memory. EINVAL: there is no such table or page. */
export function writeMapping(tx: Tx, args: CommandArgs['writeMapping'], actor: string): Result {
  return work(tx, (at) => {
    const vm = vmOfGuest(tx, actor);
    const tables = at.machine.tables[vm];
    if (tables === undefined) return refused('ENODEV');
    const old = tables[args.table];
    if (old === undefined || args.iova >= at.platform.iovaPages) return refused('EINVAL');
    const page = args.valid ? args.page : null;
    if (old[args.iova] !== page) putTable(at, vm, args.table, old.with(args.iova, page));
    return done();
  });
}

function putTable(at: Work, vm: number, table: number, now: GuestTable): void {
  const { machine } = at;
  const tables = machine.tables.map((each, index) => (index === vm ? each.with(table, now) : each));
  at.machine = { ...machine, tables };
}
