import type { Run } from '../../caches/pages.ts';
import type { Area } from '../../iommufd/iopt/table.ts';
import type { Platform } from '../../platform/platform.ts';
import { placeOf } from '../../world/memory/places.ts';
import { RAM_START } from '../../world/memory/user-pages.ts';
import { contextBehind, vmmOf } from '../../world/process.ts';
import type { World } from '../../world/world.ts';
import { mappingsOf } from '../driver/domains.ts';
import { structureAt } from '../driver/layout.ts';
import type { DomainRef } from '../driver/state.ts';
import type { Mappings } from '../driver/tables.ts';

export const PAGE_SHIFT = 12n;

/** What a domain maps: input pages to pages of memory. */
export interface MappedRun extends Run {
  readonly read: boolean;
  readonly write: boolean;
}

export function pageOf(address: bigint): number {
  return Number(address >> PAGE_SHIFT);
}

export function addressOf(page: number): bigint {
  return BigInt(page) << PAGE_SHIFT;
}

/** Pages of RAM that each virtual machine has: its VMM's anonymous memory. */
export function ramPages({ userMemory }: Platform): number {
  return userMemory.reduce((sum, { start, last }) => sum + pageOf(last + 1n - start), 0);
}

/** A guest's page of RAM. */
export interface RamPage {
  readonly vm: number;
  readonly page: number;
}

/** Whose page of RAM a page of memory is; null where there is no RAM. */
export function ramPageAt(platform: Platform, page: number): RamPage | null {
  const pages = ramPages(platform);
  const offset = page - pageOf(RAM_START);
  const vm = Math.floor(offset / pages);
  return offset < 0 || vm >= platform.vms.length ? null : { vm, page: offset - vm * pages };
}

/** The page of memory behind a page of a guest's RAM: one guest's RAM lies after the other's. */
export function memoryPage(platform: Platform, vm: number, page: number): number {
  return pageOf(RAM_START) + vm * ramPages(platform) + page;
}

/** The page of a guest's RAM behind a user address of its VMM. */
function ramPageOf({ userMemory }: Platform, va: bigint): number {
  let base = 0;
  for (const { start, last } of userMemory) {
    if (va >= start && va <= last) return base + pageOf(va - start);
    base += pageOf(last + 1n - start);
  }
  throw new Error('a mapped area outside user memory: it could not have been pinned');
}

/** The first page that an area leads to. */
function outputOf({ platform }: World, area: Area, vm: number): number {
  if (area.doorbell !== undefined) return pageOf(area.doorbell.page);
  const place = placeOf(area, 0n);
  return place === null ? memoryPage(platform, vm, ramPageOf(platform, area.va)) : pageOf(place);
}

const known = new WeakMap<Mappings, readonly MappedRun[]>();
const NOTHING: readonly MappedRun[] = Object.freeze([]);

/** By world, then by table: one DMA asks several times. */
const inWorld = new WeakMap<World, Map<bigint, readonly MappedRun[]>>();

/** What the tables of the domain whose first table lies at `table` map now; nothing once the domain is gone. */
export function runsAt(world: World, table: bigint): readonly MappedRun[] {
  let byTable = inWorld.get(world);
  if (byTable === undefined) {
    byTable = new Map();
    inWorld.set(world, byTable);
  }
  let runs = byTable.get(table);
  if (runs === undefined) {
    runs = runsBehind(world, table);
    byTable.set(table, runs);
  }
  return runs;
}

function runsBehind(world: World, table: bigint): readonly MappedRun[] {
  const structure = structureAt(table);
  const ref = structure?.kind === 'table' ? (world.machine?.driver.placed[structure.place] ?? null) : null;
  return ref === null ? NOTHING : runsOfDomain(world, ref);
}

/** What a domain maps now; nothing once it is gone. */
export function runsOfDomain(world: World, ref: DomainRef): readonly MappedRun[] {
  const mappings = mappingsOf(world, ref);
  if (mappings === null) return NOTHING;
  let runs = known.get(mappings);
  if (runs === undefined) {
    runs = runsOf(world, mappings, ownerOf(world, ref.ctx));
    known.set(mappings, runs);
  }
  return runs;
}

function runsOf(world: World, { areas, msiPages }: Mappings, vm: number): readonly MappedRun[] {
  return [
    ...areas.map((area) => ({
      first: pageOf(area.start),
      last: pageOf(area.last),
      out: outputOf(world, area, vm),
      read: area.readable,
      write: area.writeable,
    })),
    ...msiPages.map(({ iova, doorbell }) => ({
      first: pageOf(iova),
      last: pageOf(iova),
      out: pageOf(doorbell),
      read: true,
      write: true,
    })),
  ];
}

/** The index of the virtual machine whose VMM keeps a context alive: by descriptors, mappings or calls. */
export function ownerOf(world: World, ctx: number): number {
  return world.platform.vms.findIndex((vm) => {
    const process = world.processes[vmmOf(vm)];
    if (process === undefined) return false;
    const opens = (file: number | null) => contextBehind(world.files[file ?? -1]?.of) === ctx;
    return (
      process.fds.some(opens) ||
      process.mappings.some(({ file }) => opens(file)) ||
      process.calls.some((call) => call.ctx === ctx)
    );
  });
}
