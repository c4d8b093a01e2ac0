import { includesPage, outputOf } from '../../caches/pages.ts';
import type { DeviceHardware, IommuHardware } from '../../platform/platform.ts';
import { guestTableAt, holdsTables } from '../../smmu/machine/fetch.ts';
import type { Words } from '../../world/command.ts';
import type { World } from '../../world/world.ts';
import { beyond, isInterrupt, levelShift } from '../architecture/address.ts';
import { conditions, reasonOf, type VtdCondition } from '../architecture/condition.ts';
import { firstStageOf, legacyConfiguration, secondStageOf } from '../architecture/configuration.ts';
import { servingPasid } from '../architecture/pasid-table.ts';
import { recordOf } from '../architecture/report.ts';
import { vtdArchitectureIntended } from '../architecture/rules.ts';
import { NO_PASID_ENTRY } from '../driver/entries.ts';
import { contextObjection, entryObjection, unitFor } from '../driver/legality.ts';
import { contextOf, type Translation, translationOf } from '../driver/translation.ts';
import type { IotlbEntry } from './entry.ts';
import {
  GPA_PAGES,
  hardwareOf,
  idTag,
  leadsToTable,
  runsAtTable,
  usableThrough,
  type VtdView,
} from './view.ts';

/** What a device asks for. */
export interface VtdRequest {
  readonly device: number;
  readonly address: bigint;
  readonly write: boolean;
  readonly pasid: number | null;
  /** The device translates by what its own TLB holds. */
  readonly translated: boolean;
}

/** What may become of a DMA: a place in memory, or a fault record. */
export type VtdOutcome =
  | { readonly kind: 'reaches'; readonly address: bigint }
  | { readonly kind: 'faults'; readonly record: Words };

/** A write that a second stage let through: the page that it translated, and whether the entry had it flagged. */
export interface VtdWrite {
  readonly table: bigint;
  readonly page: number;
  readonly tracked: boolean;
}

/** One request, and what has been found to become of it. */
interface Lookup {
  readonly world: World;
  readonly view: VtdView;
  readonly request: VtdRequest;
  readonly iommu: number;
  readonly hardware: IommuHardware;
  readonly page: number;
  readonly outcomes: Map<string, VtdOutcome>;
  readonly writes: VtdWrite[];
}

/** A guest's table maps the first 2 MiB; an address beyond has no descriptor. */
const PAGE_SHIFT = 12n;
const PAGE_OFFSET = 0xfffn;

/** Everything that may become of a request, whatever of what caches may hold it meets, and whatever a walk finds now. */
export function vtdOutcomesOf(world: World, view: VtdView, request: VtdRequest): readonly VtdOutcome[] {
  return vtdResultsOf(world, view, request).outcomes;
}

/** And the writes among them, by each entry that there may be on their way. */
export function vtdResultsOf(
  world: World,
  view: VtdView,
  request: VtdRequest,
): { readonly outcomes: readonly VtdOutcome[]; readonly writes: readonly VtdWrite[] } {
  const { iommu } = world.platform.devices[request.device] as DeviceHardware;
  const page = Number(request.address >> PAGE_SHIFT);
  const hardware = hardwareOf(world.platform, request.device);
  const lookup: Lookup = { world, view, request, iommu, hardware, page, outcomes: new Map(), writes: [] };
  // A message, and whatever a read of that range gives: neither is DMA, and neither is a fault.
  if (request.pasid === null && isInterrupt(request.address)) return { outcomes: [], writes: [] };
  if (request.pasid !== null && !unitFor(hardware).scalable) {
    faults(lookup, 'pasidInLegacyMode', false);
    return { outcomes: [...lookup.outcomes.values()], writes: [] };
  }
  const { context = NO_PASID_ENTRY } = world.vtd?.driver.devices[request.device] ?? {};
  const objection = contextObjection(hardware, context);
  if (objection !== null) faults(lookup, objection.condition, objection.disabled);
  for (const { words } of view.contexts[request.device] ?? []) throughContext(lookup, words);
  return { outcomes: [...lookup.outcomes.values()], writes: lookup.writes };
}

function reaches({ request, outcomes }: Lookup, page: number): void {
  const address = (BigInt(page) << PAGE_SHIFT) | (request.address & PAGE_OFFSET);
  outcomes.set(`p${page}`, { kind: 'reaches', address });
}

/** FPD keeps a qualified fault from being recorded: the request ends, and nobody is told. */
function faults({ request, world, hardware, outcomes }: Lookup, condition: VtdCondition, fpd: boolean): void {
  if (fpd && conditions[condition].qualified) return;
  const { streamIds } = world.platform.devices[request.device] as DeviceHardware;
  const { address, write, pasid } = request;
  const asked = { sourceId: streamIds[0] ?? 0, address, write, ...(pasid === null ? {} : { pasid }) };
  const reason = reasonOf(condition, unitFor(hardware).scalable);
  outcomes.set(`f${reason}`, { kind: 'faults', record: recordOf(asked, reason) });
}

const FPD = 2n;

function disablesFaults([first = 0n]: Words): boolean {
  return (first & FPD) !== 0n;
}

function throughContext(lookup: Lookup, words: Words): void {
  const { world, view, request, hardware } = lookup;
  if (contextObjection(hardware, words) !== null) return;
  const context = contextOf(hardware, words);
  const fpd = disablesFaults(words);
  if (request.translated) {
    if (context.ats) throughDeviceTlb(lookup);
    else faults(lookup, 'translatedBlocked', fpd);
    return;
  }
  if (context.kind === 'legacy') {
    through(lookup, 0, context.translation, words, fpd);
    return;
  }
  const { address, write } = request;
  const asked = { sourceId: 0, address, write, ...(request.pasid === null ? {} : { pasid: request.pasid }) };
  const pasid = servingPasid(unitFor(hardware), words, asked, vtdArchitectureIntended);
  if (typeof pasid !== 'number') {
    faults(lookup, pasid.condition, pasid.disabled);
    return;
  }
  for (const entry of view.pasids[request.device] ?? []) {
    if (entry.pasid !== pasid) continue;
    const disabled = fpd || disablesFaults(entry.words);
    const objection = entryObjection(hardware, entry.words);
    if (objection === null) through(lookup, pasid, translationOf(entry.words), entry.words, disabled);
    else faults(lookup, objection, disabled);
  }
  const now = leadsToTable(world, request.device, context)
    ? world.vtd?.driver.devices[request.device]?.entries[pasid]
    : undefined;
  if (now === undefined) faults(lookup, 'entryNotPresent', fpd);
}

function throughDeviceTlb(lookup: Lookup): void {
  const { view, request, page } = lookup;
  for (const hit of view.devtlb[request.device] ?? []) {
    if (hit.pasid !== (request.pasid ?? 0) || !includesPage(hit, page)) continue;
    if (request.write ? hit.write : hit.read) reaches(lookup, outputOf(hit, page));
  }
}

/** What the IOTLB may hit under a translation, and what a walk meets now. */
function through(lookup: Lookup, pasid: number, translation: Translation, words: Words, fpd: boolean): void {
  const { view, iommu, page, request, hardware } = lookup;
  switch (translation.kind) {
    case 'invalid':
      return;
    case 'passThrough':
      if ((request.address & beyond(unitFor(hardware).hostBits)) !== 0n) faults(lookup, 'beyondHost', fpd);
      else if (isInterrupt(request.address)) faults(lookup, 'interruptAddress', fpd);
      else reaches(lookup, page);
      return;
    default:
      for (const hit of usableThrough(view, iommu, pasid, translation))
        if (includesPage(hit, page)) useHit(lookup, hit, translation, fpd);
  }
  const outside = beyondInput(lookup, translation.kind, words);
  if (outside !== null) faults(lookup, outside, fpd);
  else if (translation.kind === 'nested') walkNested(lookup, pasid, translation, fpd);
  else if (!isMapped(lookup, translation.table, page)) refuseWalk(lookup, translation.kind, fpd);
}

/** What is wrong with an address before any table is read. */
function beyondInput(
  { request, hardware }: Lookup,
  kind: 'first' | 'second' | 'nested',
  words: Words,
): 'beyondSecondStage' | 'notCanonical' | null {
  const { address } = request;
  const unit = unitFor(hardware);
  if (kind === 'second') {
    const { second } = unit.scalable
      ? { second: secondStageOf(words) }
      : (legacyConfiguration(words) as { readonly second: { readonly width: number } });
    return (address & beyond(Math.min(second.width, unit.inputBits))) === 0n ? null : 'beyondSecondStage';
  }
  const above = BigInt.asIntN(64, address) >> BigInt(levelShift(firstStageOf(words).levels + 1) - 1);
  return above === 0n || above === -1n ? null : 'notCanonical';
}

function useHit(lookup: Lookup, hit: IotlbEntry, translation: Translation, fpd: boolean): void {
  const { request, page } = lookup;
  if (request.write && hit.write && 'tracks' in translation) {
    const { table, tracks: tracked } = translation;
    lookup.writes.push({ table, page: hit.holds === 'second' ? page : hit.gpa, tracked });
  }
  if (request.write ? hit.write : hit.read) reaches(lookup, outputOf(hit, page));
  else faults(lookup, request.write ? 'secondWrite' : 'secondRead', fpd);
}

/** There is no entry, or one that allows nothing. */
function refuseWalk(lookup: Lookup, stage: 'first' | 'second', fpd: boolean): void {
  if (stage === 'first') faults(lookup, 'firstNotPresent', fpd);
  else faults(lookup, lookup.request.write ? 'secondNotPresentForWrite' : 'secondNotPresentForRead', fpd);
}

/** The guest's table, each page of it and what it gives out through the second stage. */
function walkNested(
  lookup: Lookup,
  pasid: number,
  entry: Extract<Translation, { kind: 'nested' }>,
  fpd: boolean,
): void {
  const { world, view, iommu, page } = lookup;
  const { domainId, table, guest } = entry;
  if (guest >= GPA_PAGES) faults(lookup, 'nestedTableBeyond', fpd);
  else {
    const run = runsAtTable(world, table).find((each) => includesPage(each, guest));
    if (run === undefined) faults(lookup, 'secondNotPresentForRead', fpd);
    else if (!run.read) faults(lookup, 'nestedTopTableRead', fpd);
    else if (!holdsTables(world, outputOf(run, guest))) faults(lookup, 'firstTableAccess', fpd);
  }
  for (const hit of view.iotlb.get(idTag(iommu, domainId)) ?? []) {
    if (hit.holds === 'first' && hit.pasid === pasid && includesPage(hit, page)) {
      // The guest's own permission comes first: where its page lies is not looked up then.
      if (lookup.request.write && !hit.write) faults(lookup, 'firstWrite', fpd);
      else if (!isMapped(lookup, table, hit.gpa)) refuseWalk(lookup, 'second', fpd);
    }
    if (hit.holds !== 'second' || !includesPage(hit, guest) || !hit.read) continue;
    const at = outputOf(hit, guest);
    if (!holdsTables(world, at)) continue;
    const pte = guestTableAt(world, at)[page] ?? null;
    if (pte === null) refuseWalk(lookup, 'first', fpd);
    else if (pte.ipa >= GPA_PAGES) faults(lookup, 'beyondSecondStage', fpd);
  }
}

function isMapped({ world }: Lookup, table: bigint, page: number): boolean {
  return runsAtTable(world, table).some((run) => includesPage(run, page));
}
