import { encode } from '../../../spec/bits.ts';
import { FaultReason, faultRecord } from '../../../spec/vtd/fault.ts';
import type { DeviceHardware } from '../../platform/platform.ts';
import { includesPage, outputOf } from '../../smmu/machine/entry.ts';
import { guestTableAt, holdsTables } from '../../smmu/machine/fetch.ts';
import type { Words } from '../../world/command.ts';
import type { World } from '../../world/world.ts';
import { NO_PASID_ENTRY } from '../driver/entries.ts';
import { contextOf, isPresent, type Translation, translationOf } from '../driver/translation.ts';
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

type Reason = keyof typeof FaultReason;

/** One request, and what has been found to become of it. */
interface Lookup {
  readonly world: World;
  readonly view: VtdView;
  readonly request: VtdRequest;
  readonly iommu: number;
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
  const { smmu: iommu } = world.platform.devices[request.device] as DeviceHardware;
  const page = Number(request.address >> PAGE_SHIFT);
  const lookup: Lookup = { world, view, request, iommu, page, outcomes: new Map(), writes: [] };
  const { context = NO_PASID_ENTRY } = world.vtd?.driver.devices[request.device] ?? {};
  if (!isPresent(context)) faults(lookup, 'ContextNotPresent');
  for (const { words } of view.contexts[request.device] ?? []) throughContext(lookup, words);
  return { outcomes: [...lookup.outcomes.values()], writes: lookup.writes };
}

function reaches({ request, outcomes }: Lookup, page: number): void {
  const address = (BigInt(page) << PAGE_SHIFT) | (request.address & PAGE_OFFSET);
  outcomes.set(`p${page}`, { kind: 'reaches', address });
}

function faults({ request, world, outcomes }: Lookup, reason: Reason): void {
  const { streamIds } = world.platform.devices[request.device] as DeviceHardware;
  const record = encode(faultRecord, {
    FI: request.address & ~PAGE_OFFSET,
    SID: streamIds[0] ?? 0,
    PP: request.pasid === null ? 0 : 1,
    PV: request.pasid ?? 0,
    FR: FaultReason[reason],
    T: request.write ? 0 : 1,
    F: 1,
  });
  outcomes.set(`f${reason}`, { kind: 'faults', record });
}

function throughContext(lookup: Lookup, words: Words): void {
  const { world, view, request } = lookup;
  const context = contextOf(hardwareOf(world.platform, request.device), words);
  if (request.translated) {
    if (context.ats) throughDeviceTlb(lookup);
    else faults(lookup, 'PasidEntryInvalid');
    return;
  }
  if (context.kind === 'legacy') {
    if (request.pasid !== null) faults(lookup, 'PasidNotEnabled');
    else through(lookup, 0, context.translation);
    return;
  }
  if (request.pasid !== null && !context.pasids) {
    faults(lookup, 'PasidNotEnabled');
    return;
  }
  const pasid = request.pasid ?? context.ridPasid;
  if (pasid >= context.mostPasids) {
    faults(lookup, 'PasidDirectoryEntryNotPresent');
    return;
  }
  for (const entry of view.pasids[request.device] ?? [])
    if (entry.pasid === pasid) through(lookup, pasid, translationOf(entry.words));
  const now = leadsToTable(world, request.device, context)
    ? world.vtd?.driver.devices[request.device]?.entries[pasid]
    : undefined;
  if (now === undefined) faults(lookup, 'PasidEntryNotPresent');
}

function throughDeviceTlb(lookup: Lookup): void {
  const { view, request, page } = lookup;
  for (const hit of view.devtlb[request.device] ?? []) {
    if (hit.pasid !== (request.pasid ?? 0) || !includesPage(hit, page)) continue;
    if (request.write ? hit.write : hit.read) reaches(lookup, outputOf(hit, page));
  }
}

/** What the IOTLB may hit under a translation, and what a walk meets now. */
function through(lookup: Lookup, pasid: number, translation: Translation): void {
  const { view, iommu, page } = lookup;
  switch (translation.kind) {
    case 'invalid':
      faults(lookup, 'PasidEntryInvalid');
      return;
    case 'passThrough':
      reaches(lookup, page);
      return;
    default:
      for (const hit of usableThrough(view, iommu, pasid, translation))
        if (includesPage(hit, page)) useHit(lookup, hit, translation);
  }
  if (translation.kind === 'nested') walkNested(lookup, pasid, translation);
  else if (!isMapped(lookup, translation.table, page)) refuseWalk(lookup, translation.kind);
}

function useHit(lookup: Lookup, hit: IotlbEntry, translation: Translation): void {
  const { request, page } = lookup;
  if (request.write && hit.write && 'tracks' in translation) {
    const { table, tracks: tracked } = translation;
    lookup.writes.push({ table, page: hit.holds === 'second' ? page : hit.gpa, tracked });
  }
  if (request.write ? hit.write : hit.read) reaches(lookup, outputOf(hit, page));
  else faults(lookup, request.write ? 'NoWritePermission' : 'NoReadPermission');
}

function refuseWalk(lookup: Lookup, stage: 'first' | 'second'): void {
  const { write } = lookup.request;
  if (stage === 'first') faults(lookup, 'FirstStageEntryNotPresent');
  else faults(lookup, write ? 'NoWritePermission' : 'NoReadPermission');
}

/** The guest's table, each page of it and what it gives out through the second stage. */
function walkNested(lookup: Lookup, pasid: number, entry: Extract<Translation, { kind: 'nested' }>): void {
  const { world, view, iommu, page } = lookup;
  const { domainId, table, guest } = entry;
  const run = runsAtTable(world, table).find((each) => includesPage(each, guest));
  if (run === undefined || !run.read || !holdsTables(world, outputOf(run, guest)))
    faults(lookup, 'NoReadPermission');
  for (const hit of view.iotlb.get(idTag(iommu, domainId)) ?? []) {
    if (
      hit.holds === 'first' &&
      hit.pasid === pasid &&
      includesPage(hit, page) &&
      !isMapped(lookup, table, hit.gpa)
    )
      refuseWalk(lookup, 'second');
    if (hit.holds !== 'second' || !includesPage(hit, guest) || !hit.read) continue;
    const at = outputOf(hit, guest);
    if (!holdsTables(world, at)) continue;
    const pte = guestTableAt(world, at)[page] ?? null;
    if (pte === null || pte.ipa >= GPA_PAGES) refuseWalk(lookup, 'first');
  }
}

function isMapped({ world }: Lookup, table: bigint, page: number): boolean {
  return runsAtTable(world, table).some((run) => includesPage(run, page));
}
