import type { Caches } from '../../caches/engine.ts';
import { includesPage, outputOf } from '../../caches/pages.ts';
import type { DeviceHardware, IommuHardware, Platform } from '../../platform/platform.ts';
import { guestTableAt, holdsTables } from '../../smmu/machine/fetch.ts';
import { type MappedRun, runsOfDomain } from '../../smmu/machine/mappings.ts';
import type { World } from '../../world/world.ts';
import { directoryAddress, domainAt } from '../driver/layout.ts';
import { contextObjection, entryObjection } from '../driver/legality.ts';
import {
  type ContextView,
  contextOf,
  isPresent,
  type Translation,
  translationOf,
} from '../driver/translation.ts';
import {
  type ContextEntry,
  contextEntry,
  type DeviceTlbEntry,
  deviceTlbEntry,
  type IotlbEntry,
  iotlbEntry,
  type PasidCacheEntry,
  pasidCacheEntry,
  type VtdEntry,
} from './entry.ts';
import { VTD_PIECES } from './entry-pieces.ts';

/** Everything that caches may hold in a world, in the order in which hardware finds one thing through another. */
export interface VtdView {
  readonly entries: ReadonlyMap<string, VtdEntry>;
  /** By device. */
  readonly contexts: readonly (readonly ContextEntry[])[];
  readonly pasids: readonly (readonly PasidCacheEntry[])[];
  readonly devtlb: readonly (readonly DeviceTlbEntry[])[];
  /** By unit and domain id (`idTag`). */
  readonly iotlb: ReadonlyMap<number, readonly IotlbEntry[]>;
}

interface Draft extends VtdView {
  readonly entries: Map<string, VtdEntry>;
  readonly contexts: ContextEntry[][];
  readonly pasids: PasidCacheEntry[][];
  readonly devtlb: DeviceTlbEntry[][];
  readonly iotlb: Map<number, IotlbEntry[]>;
}

/** A unit and a domain id in one number. */
export function idTag(iommu: number, domainId: number): number {
  return iommu * 0x1_0000 + domainId;
}

/** The highest guest-physical page and one: no second-stage table of these units translates more. */
export const GPA_PAGES = 2 ** 36;

/** A device's requests of one PASID (0: those without), and what an entry makes of them. */
interface Path {
  readonly device: number;
  readonly iommu: number;
  readonly pasid: number;
  readonly ats: boolean;
  readonly translation: Translation;
}

const NOTHING: readonly MappedRun[] = Object.freeze([]);

/** What the tables at an address map now; nothing once their domain is gone. */
export function runsAtTable(world: World, table: bigint): readonly MappedRun[] {
  const ref = world.vtd === null ? null : domainAt(world.vtd.driver, table);
  return ref === null ? NOTHING : runsOfDomain(world, ref);
}

export function hardwareOf(platform: Platform, device: number): IommuHardware {
  return platform.iommus[(platform.devices[device] as DeviceHardware).iommu] as IommuHardware;
}

/** Whether a context entry leads to the PASID table that the device has now, and not to one that was freed. */
export function leadsToTable(world: World, device: number, context: ContextView): boolean {
  const { table = 0 } = world.vtd?.driver.devices[device] ?? {};
  return context.kind === 'scalable' && context.directory === directoryAddress(device, table);
}

/**
 * All that caches may hold, given what they may hold already: that, and whatever hardware would fetch now through any of
 * it. What is not present is not cached (CAP_REG.CM = 0).
 */
export function deriveVtd(world: World, held: Iterable<VtdEntry>): VtdView {
  const { devices } = world.platform;
  const draft: Draft = {
    entries: new Map(),
    contexts: devices.map(() => []),
    pasids: devices.map(() => []),
    devtlb: devices.map(() => []),
    iotlb: new Map(),
  };
  for (const entry of held) add(draft, entry);
  for (const [device, tables] of (world.vtd?.driver.devices ?? []).entries())
    if (isPresent(tables.context)) add(draft, contextEntry(device, tables.context));
  const paths = devices.flatMap((_, device) => pathsOf(draft, world, device));
  for (const path of paths) addSecond(draft, world, path);
  for (const path of paths) addFirst(draft, world, path);
  for (const path of paths) addNested(draft, path);
  for (const path of paths) addDeviceTlb(draft, path);
  return draft;
}

/** The caches of VT-d units and of devices. */
export const VTD_CACHES: Caches<VtdEntry> = {
  ...VTD_PIECES,
  fetched: (world, held) => deriveVtd(world, held).entries,
};

function add(draft: Draft, entry: VtdEntry): void {
  if (draft.entries.has(entry.key)) return;
  draft.entries.set(entry.key, entry);
  switch (entry.cache) {
    case 'context':
      draft.contexts[entry.device]?.push(entry);
      return;
    case 'pasid':
      draft.pasids[entry.device]?.push(entry);
      return;
    case 'devtlb':
      draft.devtlb[entry.device]?.push(entry);
      return;
    case 'iotlb': {
      const tag = idTag(entry.iommu, entry.domainId);
      const list = draft.iotlb.get(tag);
      if (list === undefined) draft.iotlb.set(tag, [entry]);
      else list.push(entry);
    }
  }
}

/** Every way that requests of a device may take; on the way, the PASID table's entries become held. */
function pathsOf(draft: Draft, world: World, device: number): readonly Path[] {
  const { platform } = world;
  const { iommu, ats: hasTlb = false } = platform.devices[device] as DeviceHardware;
  const hardware = hardwareOf(platform, device);
  if (hardware.kind !== 'vtd') return [];
  const paths: Path[] = [];
  for (const { words } of draft.contexts[device] ?? []) {
    if (contextObjection(hardware, words) !== null) continue;
    const context = contextOf(hardware, words);
    const ats = hasTlb && context.ats;
    if (context.kind === 'legacy') {
      paths.push({ device, iommu, pasid: 0, ats, translation: context.translation });
      continue;
    }
    if (leadsToTable(world, device, context)) {
      for (const [pasid, entry] of Object.entries(world.vtd?.driver.devices[device]?.entries ?? {}))
        add(draft, pasidCacheEntry(device, Number(pasid), entry));
    }
    for (const { pasid, words: entry } of draft.pasids[device] ?? []) {
      if (entryObjection(hardware, entry) !== null) continue;
      paths.push({ device, iommu, pasid, ats, translation: translationOf(entry) });
    }
  }
  return paths;
}

function addSecond(draft: Draft, world: World, { iommu, translation }: Path): void {
  if (translation.kind !== 'second' && translation.kind !== 'nested') return;
  const { domainId, table } = translation;
  const tag = { iommu, holds: 'second', domainId, pasid: null, nested: false } as const;
  for (const { first, last, out, read, write } of runsAtTable(world, table))
    add(draft, iotlbEntry({ ...tag, first, last, out, gpa: first, read, write }));
}

/** The host's own first stage, and the guest's as far as it goes. */
function addFirst(draft: Draft, world: World, { iommu, pasid, translation }: Path): void {
  if (translation.kind === 'first') {
    const { domainId, table } = translation;
    const tag = { iommu, holds: 'final', domainId, pasid, nested: false } as const;
    for (const { first, last, out, write } of runsAtTable(world, table))
      add(draft, iotlbEntry({ ...tag, first, last, out, gpa: out, read: true, write }));
  }
  if (translation.kind !== 'nested') return;
  const { domainId, guest } = translation;
  const tag = { iommu, holds: 'first', domainId, pasid, nested: false } as const;
  for (const hit of draft.iotlb.get(idTag(iommu, domainId)) ?? []) {
    if (hit.holds !== 'second' || !includesPage(hit, guest) || !hit.read) continue;
    const page = outputOf(hit, guest);
    if (!holdsTables(world, page)) continue;
    guestTableAt(world, page).forEach((pte, va) => {
      if (pte === null || pte.ipa >= GPA_PAGES) return;
      const { ipa: gpa, writable: write } = pte;
      add(draft, iotlbEntry({ ...tag, first: va, last: va, out: gpa, gpa, read: true, write }));
    });
  }
}

function addNested(draft: Draft, { iommu, pasid, translation }: Path): void {
  if (translation.kind !== 'nested') return;
  const { domainId } = translation;
  const list = draft.iotlb.get(idTag(iommu, domainId)) ?? [];
  const seconds = list.filter(({ holds }) => holds === 'second');
  const tag = { iommu, holds: 'final', domainId, pasid, nested: true } as const;
  for (const { first, last, gpa, write } of list.filter(
    (each) => each.holds === 'first' && each.pasid === pasid,
  )) {
    for (const hit of seconds) {
      if (!includesPage(hit, gpa)) continue;
      const out = outputOf(hit, gpa);
      add(draft, iotlbEntry({ ...tag, first, last, out, gpa, read: hit.read, write: write && hit.write }));
    }
  }
}

/** A device may have asked for any translation of its requests while its context entry let it. */
function addDeviceTlb(draft: Draft, { device, iommu, pasid, ats, translation }: Path): void {
  if (!ats) return;
  for (const { first, last, out, read, write } of usableThrough(draft, iommu, pasid, translation))
    add(draft, deviceTlbEntry({ device, pasid, first, last, out, read, write }));
}

/** The IOTLB entries that requests may use that meet a translation: by its domain id, and by their PASID. */
export function usableThrough(
  view: VtdView,
  iommu: number,
  pasid: number,
  translation: Translation,
): readonly IotlbEntry[] {
  switch (translation.kind) {
    case 'first':
    case 'nested':
      return (view.iotlb.get(idTag(iommu, translation.domainId)) ?? []).filter(
        (entry) => entry.holds === 'final' && entry.pasid === pasid,
      );
    case 'second':
      return (view.iotlb.get(idTag(iommu, translation.domainId)) ?? []).filter(
        ({ holds }) => holds === 'second',
      );
    default:
      return [];
  }
}
