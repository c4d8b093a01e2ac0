import { decode } from '../../../spec/bits.ts';
import { pasidEntry } from '../../../spec/vtd/entries.ts';
import type { WalkMemory } from '../architecture/outcome.ts';
import { fetchPasidEntry } from '../architecture/pasid-table.ts';
import type { VtdArchitectureRules } from '../architecture/rules.ts';
import { checkedContext, NO_PASID, passesThrough } from './entries.ts';
import type { QemuVtd } from './unit.ts';

/** From memory, whatever is cached (vtd_as_pt_enabled(), vtd_dev_get_pe_from_pasid()); null: no entry can be had there. */
function contextNow(
  vtd: QemuVtd,
  sourceId: number,
  memory: WalkMemory,
  rules: VtdArchitectureRules,
): readonly bigint[] | null {
  const context = checkedContext(vtd, sourceId, memory, rules);
  return 'kind' in context ? null : context;
}

/** Decides anew whether the requests of a device bypass the unit. */
export function switchDevice(
  vtd: QemuVtd,
  sourceId: number,
  memory: WalkMemory,
  rules: VtdArchitectureRules,
): QemuVtd {
  const context = vtd.enabled ? contextNow(vtd, sourceId, memory, rules) : null;
  const bypasses = context !== null && passesThrough(vtd, context, memory, rules);
  if (bypasses === vtd.bypassing.includes(sourceId)) return vtd;
  const others = vtd.bypassing.filter((each) => each !== sourceId);
  return { ...vtd, bypassing: bypasses ? [...others, sourceId].sort((a, b) => a - b) : others };
}

export function switchAll(vtd: QemuVtd, memory: WalkMemory, rules: VtdArchitectureRules): QemuVtd {
  return vtd.sourceIds.reduce((before, sourceId) => switchDevice(before, sourceId, memory, rules), vtd);
}

/** Which entries an invalidation of PASID table entries is about; null: all. */
export interface PasidScope {
  readonly domainId: number | null;
  readonly pasid: number | null;
}

/** What stands for an entry that has gone: its domain id is 0. */
const ZEROS: readonly bigint[] = Object.freeze(new Array<bigint>(pasidEntry.words).fill(0n));

const ALL: PasidScope = { domainId: null, pasid: null };

/** Compares the entry of each device with the one that was seen first, and decides anew where it differs. */
export function syncPasidEntries(
  vtd: QemuVtd,
  memory: WalkMemory,
  rules: VtdArchitectureRules,
  scope: PasidScope = ALL,
): QemuVtd {
  return vtd.sourceIds.reduce(
    (before, sourceId) => syncPasidEntry(before, sourceId, memory, rules, scope),
    vtd,
  );
}

export function syncPasidEntry(
  vtd: QemuVtd,
  sourceId: number,
  memory: WalkMemory,
  rules: VtdArchitectureRules,
  { domainId, pasid }: PasidScope = ALL,
): QemuVtd {
  if (!vtd.enabled || vtd.root.mode !== 'scalable') return vtd;
  const seen = vtd.pasidEntries[sourceId];
  const context = contextNow(vtd, sourceId, memory, rules);
  const entry = context === null ? null : fetchPasidEntry(vtd.unit, context, NO_PASID, memory, rules);
  if (entry === null || entry.kind === 'fault') {
    if (seen === undefined) return vtd;
    const { [sourceId]: _, ...others } = vtd.pasidEntries;
    const isMeant = (pasid === null || pasid === NO_PASID) && (domainId === null || domainId === 0);
    const pasidEntries = rules.goneEntryIsForgotten || !isMeant ? others : { ...others, [sourceId]: ZEROS };
    return switchDevice({ ...vtd, pasidEntries }, sourceId, memory, rules);
  }
  if (pasid !== null && pasid !== NO_PASID) return vtd;
  if (domainId !== null && decode(pasidEntry, seen ?? entry.words).DID !== domainId) return vtd;
  if (seen === undefined) {
    const pasidEntries = { ...vtd.pasidEntries, [sourceId]: entry.words };
    return switchDevice({ ...vtd, pasidEntries }, sourceId, memory, rules);
  }
  // The entry that was seen first stays the one to compare with, whatever differs from it later.
  const same = seen.every((word, index) => word === entry.words[index]);
  return same ? vtd : switchDevice(vtd, sourceId, memory, rules);
}
