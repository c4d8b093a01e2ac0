import { hasPasidTable } from '../../spec/pasid/hardware.ts';
import type { Unit } from '../platform/pasid.ts';
import { NO_PASID } from './context.ts';
import type { Assigned, Entry } from './machine.ts';
import { merged, tableAskedFor } from './shadow.ts';
import { oneStage, sameEntry, sameRoot, twoStages } from './stages.ts';
import { put, putStream, putUnit, streamOf, type Work } from './work.ts';

/** The number that the device uses for a PASID of the guest; null: none was given. */
export function hostNumber(work: Work, unit: number, assigned: Assigned, guest: number): number | null {
  if (guest === NO_PASID) return assigned.pasid ?? NO_PASID;
  const given = assigned.given.find((each) => each.guest === guest);
  if (given !== undefined) return given.host;
  const { pasids, hardware } = work.platform;
  if (assigned.viommu !== 'pasids' || guest > pasids) return null;
  // A function's PASIDs are its own. A slice's guest that need not ask chooses as if they were.
  if (!(work.units[unit] as Unit).slice) return guest;
  return assigned.paravirtual || hardware.translatesPasids ? null : guest;
}

/** A tag for what is cached: few, and used again by whoever has the unit next. */
function domainOf({ platform }: Work, unit: number, guest: number): number {
  return unit * (platform.pasids + 1) + guest;
}

/** What the entry for one of the guest's PASIDs is to be; null: its requests abort. */
function wanted(work: Work, unit: number, assigned: Assigned, guest: number): Entry | null {
  const { hardware } = work.platform;
  const { vm, mechanism } = assigned;
  const host = hostNumber(work, unit, assigned, guest);
  const withPasid = host !== NO_PASID;
  if (host === null || (withPasid && !hasPasidTable(hardware))) return null;
  const table = tableAskedFor(assigned, guest, work.rules.pasid);
  if (table === undefined) return null;
  const stages =
    mechanism === 'nest'
      ? twoStages(hardware, withPasid, vm, table)
      : mechanism === 'shadow' && table !== null
        ? oneStage(hardware, withPasid, { of: 'shadow', unit, pasid: guest })
        : oneStage(hardware, withPasid, { of: 'memory', vm });
  return stages === null ? null : { ...stages, domain: domainOf(work, unit, guest) };
}

/** Whether hardware reads the PASID table of a unit's guest in the guest's memory. */
function guestOwnsTable({ platform, units }: Work, unit: number, { mechanism, read }: Assigned): boolean {
  const nests = mechanism === 'nest' && read.translates && !(units[unit] as Unit).slice;
  return nests && platform.hardware.pasidTable === 'guest-physical';
}

/** Brings the entry for one of the guest's PASIDs, and the table behind it, to what the VMM last read. */
export function bind(work: Work, unit: number, guest: number): void {
  const assigned = work.machine.units[unit] as Assigned;
  if (guestOwnsTable(work, unit, assigned)) {
    giveTable(work, unit, assigned);
    return;
  }
  const host = hostNumber(work, unit, assigned, guest);
  if (host === null) return;
  const entry = wanted(work, unit, assigned, guest);
  updateShadow(work, unit, guest, entry);
  const at = host === NO_PASID ? NO_PASID : work.rules.pasid.installsAt(guest, host);
  install(work, unit, at, entry);
}

/** Lets hardware find the PASID table in guest memory; requests that have no entry there stay on stage 2. */
function giveTable(work: Work, unit: number, { vm }: Assigned): void {
  const stages = twoStages(work.platform.hardware, false, vm, null);
  const domain = domainOf(work, unit, NO_PASID);
  install(work, unit, NO_PASID, stages === null ? null : { ...stages, domain });
  const stream = streamOf(work, unit);
  if (stream.guestTable !== unit) putStream(work, unit, { ...stream, guestTable: unit, nested: true });
}

/** Puts an entry where hardware looks for it, with its root of stage 2, and flushes what was there. */
function install(work: Work, unit: number, pasid: number, entry: Entry | null): void {
  const { hardware } = work.platform;
  const stream = streamOf(work, unit);
  const old = pasid === NO_PASID ? stream.own : (stream.entries[pasid] ?? null);
  const shared = hardware.stage2Root === 'stream';
  const second = shared && entry !== null && entry.second !== null ? entry.second : stream.second;
  const nested = stream.nested || (entry?.form === 'nested' && hardware.nestingAttribute === 'stream');
  const kept = entry !== null && shared ? { ...entry, second: null } : entry;
  if (sameEntry(old, kept) && nested === stream.nested && sameRoot(second, stream.second)) return;
  putStream(work, unit, {
    ...stream,
    second,
    nested,
    own: pasid === NO_PASID ? kept : stream.own,
    entries: pasid === NO_PASID ? stream.entries : put(stream.entries, pasid, kept),
  });
  if (old !== null) flushTornDown(work, unit, pasid, old);
}

function flushTornDown(work: Work, unit: number, pasid: number, { form, domain }: Entry): void {
  const stream = (work.units[unit] as Unit).parent;
  if (work.rules.pasid.teardownFlushesEntry) work.flushes.push({ of: 'entry', stream, pasid });
  if (work.rules.pasid.teardownFlushes(form) === 'domain') work.flushes.push({ of: 'domain', domain });
  else work.flushes.push({ of: 'pasid', stream, pasid, iova: null });
}

/** Takes the table out of the guest's memory again, and all that was cached through it. */
export function takeTable(work: Work, unit: number): void {
  const stream = streamOf(work, unit);
  if (stream.guestTable !== unit) return;
  putStream(work, unit, { ...stream, guestTable: null, nested: false });
  const domain = domainOf(work, unit, NO_PASID);
  for (let pasid = NO_PASID; pasid <= work.platform.pasids; pasid++)
    flushTornDown(work, unit, pasid, { form: 'nested', first: null, second: null, domain });
}

/** Takes away the entry for one of the guest's PASIDs. */
export function unbind(work: Work, unit: number, guest: number): void {
  const assigned = work.machine.units[unit] as Assigned;
  const host = hostNumber(work, unit, assigned, guest);
  if (host === null) return;
  updateShadow(work, unit, guest, null);
  install(work, unit, host === NO_PASID ? NO_PASID : work.rules.pasid.installsAt(guest, host), null);
}

/** Builds the table behind an entry anew, where the VMM keeps one for it, and counts what it writes. */
export function updateShadow(work: Work, unit: number, guest: number, entry: Entry | null): void {
  const { platform, machine } = work;
  const assigned = machine.units[unit] as Assigned;
  const old = assigned.shadows[guest] ?? null;
  const table = tableAskedFor(assigned, guest, work.rules.pasid) ?? null;
  const kept = entry !== null && table !== null && assigned.mechanism === 'shadow';
  const now = kept ? merged(platform, machine, assigned.vm, table) : null;
  const writes = countWrites(old, now);
  if (writes > 0) work.effects.push({ kind: 'shadowWritten', unit, pasid: guest, descriptors: writes });
  if (writes > 0 || (old === null) !== (now === null))
    putUnit(work, unit, { ...assigned, shadows: put(assigned.shadows, guest, now) });
}

function countWrites(old: readonly (number | null)[] | null, now: readonly (number | null)[] | null): number {
  const length = Math.max(old?.length ?? 0, now?.length ?? 0);
  let writes = 0;
  for (let at = 0; at < length; at++) if ((old?.[at] ?? null) !== (now?.[at] ?? null)) writes++;
  return writes;
}

/** The entry that hardware has for one of the guest's PASIDs now. */
export function entryOf(work: Work, unit: number, guest: number): Entry | null {
  const host = hostNumber(work, unit, work.machine.units[unit] as Assigned, guest);
  if (host === null) return null;
  const { own, entries } = streamOf(work, unit);
  return host === NO_PASID ? own : (entries[work.rules.pasid.installsAt(guest, host)] ?? null);
}

/**
 * The guest's PASIDs for which the host can have an entry: 0 for requests without, those that were given, and of those
 * that the guest chooses itself the ones that it has written.
 */
export function boundPasids(work: Work, unit: number): readonly number[] {
  const assigned = work.machine.units[unit] as Assigned;
  const numbers = [NO_PASID];
  if (assigned.viommu !== 'pasids') return numbers;
  for (let guest = 1; guest <= work.platform.pasids; guest++) {
    const known =
      assigned.given.some((each) => each.guest === guest) || assigned.guest.entries[guest] != null;
    if (known && hostNumber(work, unit, assigned, guest) !== null) numbers.push(guest);
  }
  return numbers;
}
