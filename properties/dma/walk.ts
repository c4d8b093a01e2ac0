import type { Context } from '../../model/iommufd/context.ts';
import type { IommuHardware } from '../../model/platform/platform.ts';
import type { World } from '../../model/world/world.ts';
import { decode } from '../../spec/bits.ts';
import { idr1 } from '../../spec/smmuv3/id-registers.ts';
import { S1Dss, S1Fmt, type Ste, SteConfig, ste } from '../../spec/smmuv3/ste.ts';
import { objectOf } from '../look.ts';

/*
 * Where tables lead, looked up as plainly as the documents say it, without caches: from what is attached, what its IOAS maps, and
 * what a guest wrote into its pages. It shares no code with the machines.
 */

/** Where an access ends by the tables; `unknown`: not in memory that is looked at here. */
export type End = { readonly at: bigint } | 'refused' | 'nothing' | 'unknown';

/** An access as it comes to an IOMMU. */
export interface Asked {
  readonly iova: bigint;
  readonly write: boolean;
  /** A SubstreamID or PASID, if it has one. */
  readonly ssid: number | null;
}

/** The memory of a guest and what an HWPT maps of it. */
interface Memory {
  readonly world: World;
  readonly vm: number;
  readonly context: Context;
}

/** RAM begins here on the machine, one guest's behind another's. */
const RAM = 0x4000_0000n;
const PAGE = 4096n;

function memoryOf(world: World, ctx: number): Memory | null {
  const context = world.contexts[ctx];
  const vm = world.platform.vms.findIndex((name) => {
    const fds = world.processes[`vmm:${name}`]?.fds ?? [];
    return fds.some((file) => {
      const of = world.files[file ?? -1]?.of;
      return of?.kind === 'iommufd' && of.ctx === ctx;
    });
  });
  return context === null || context === undefined || vm < 0 ? null : { world, vm, context };
}

/** The place in a guest's RAM of a user address of its VMM, in bytes; null outside. */
function ramAt({ platform }: World, va: bigint): bigint | null {
  let base = 0n;
  for (const { start, last } of platform.userMemory) {
    if (va >= start && va <= last) return base + (va - start);
    base += last + 1n - start;
  }
  return null;
}

/** Through what an IOAS maps, to a place in the guest's RAM. */
function throughIoas(
  { world, context }: Memory,
  hwpt: number,
  address: bigint,
  write: boolean,
): bigint | Exclude<End, { readonly at: bigint }> {
  const paging = objectOf(context, hwpt, 'hwptPaging');
  const areas = objectOf(context, paging?.ioas ?? 0, 'ioas')?.iopt.areas;
  if (paging === null || areas === undefined || areas.some(({ filling }) => filling === true))
    return 'unknown';
  const area = areas.find(({ start, last }) => start <= address && address <= last);
  if (area === undefined) return paging.msiPages.length > 0 ? 'unknown' : 'nothing';
  if (area.doorbell !== undefined || area.dmabuf !== undefined || area.file !== undefined) return 'unknown';
  // No stage 1 of either architecture can forbid reads of what it maps.
  const allowed = write ? area.writeable : area.readable || paging.domain.stage === 1;
  if (!allowed) return 'refused';
  return ramAt(world, area.va + (address - area.start)) ?? 'unknown';
}

function ended({ world, vm }: Memory, place: ReturnType<typeof throughIoas>): End {
  if (typeof place === 'string') return place;
  const size = world.platform.userMemory.reduce((sum, { start, last }) => sum + (last + 1n - start), 0n);
  return { at: RAM + BigInt(vm) * size + place };
}

/** What a guest has in the page behind one of its addresses. */
function pageBehind(memory: Memory, hwpt: number, address: bigint) {
  const place = throughIoas(memory, hwpt, address, false);
  if (typeof place === 'string') return place;
  const { machine, vtd } = memory.world;
  return (machine ?? vtd)?.memory[memory.vm]?.[Number(place / PAGE)] ?? null;
}

/** Through a guest's table at one of its addresses, then through what its memory is mapped to. */
function throughTable(memory: Memory, hwpt: number, table: bigint, index: number, asked: Asked): End {
  const page = pageBehind(memory, hwpt, table);
  if (typeof page === 'string') return page === 'refused' ? 'nothing' : page;
  const pte = page?.kind === 'table' ? (page.entries[index] ?? null) : null;
  if (pte === null) return 'nothing';
  if (asked.write && !pte.writable) return 'refused';
  const address = BigInt(pte.ipa) * PAGE + (asked.iova % PAGE);
  return ended(memory, throughIoas(memory, hwpt, address, asked.write));
}

/** The HWPT that a device's requests are attached to. */
export interface Attached {
  readonly ctx: number;
  readonly hwpt: number;
}

/** The descriptors of a guest's table for an SMMU: of the first 2 MiB, then of the MSI window. */
function descriptorOf(iova: bigint): number {
  const page = Number(iova / PAGE);
  if (page < 512) return page;
  return page >= 0x8000 && page < 0x8100 ? 512 + page - 0x8000 : -1;
}

/** A guest's CD translates 28 bits. */
const GUEST_LIMIT = 1n << 28n;

/** Which CD of a guest's table a request takes; null: none. An SMMU without substreams ignores S1CDMax and S1DSS. */
function contextIndex(
  words: readonly [bigint, bigint],
  { idr }: IommuHardware,
  ssid: number | null,
): number | 'bypass' | null {
  const { S1CDMax, S1DSS } = decode(ste, [...words, 0n, 0n, 0n, 0n, 0n, 0n]);
  if (S1CDMax === 0 || decode(idr1, [BigInt(idr[1] ?? 0)]).SSIDSIZE === 0) return ssid === null ? 0 : null;
  if (ssid === null) {
    if (S1DSS === S1Dss.Bypass) return 'bypass';
    return S1DSS === S1Dss.Terminate ? null : 0;
  }
  if (ssid === 0 && S1DSS !== S1Dss.Terminate && S1DSS !== S1Dss.Bypass) return null;
  return ssid < 2 ** S1CDMax ? ssid : null;
}

/** Entries that are legal on some SMMUs only, and CD tables of two levels. */
function mayBeIllegal({ S1CDMax, S1Fmt: format, S1DSS, S1STALLD }: Ste, { idr }: IommuHardware): boolean {
  const { SSIDSIZE } = decode(idr1, [BigInt(idr[1] ?? 0)]);
  if (S1STALLD === 1) return true;
  return SSIDSIZE > 0 && S1CDMax > 0 && (S1CDMax > SSIDSIZE || format !== S1Fmt.Linear || S1DSS === 0b11);
}

/** Where an SMMU's tables lead. */
export function endAtSmmu(world: World, hardware: IommuHardware, { ctx, hwpt }: Attached, asked: Asked): End {
  const memory = memoryOf(world, ctx);
  if (memory === null) return 'unknown';
  const nested = objectOf(memory.context, hwpt, 'hwptNested');
  if (nested === null)
    return asked.ssid === null
      ? ended(memory, throughIoas(memory, hwpt, asked.iova, asked.write))
      : 'unknown';
  const { parent, domain } = nested;
  const straight = (): End => ended(memory, throughIoas(memory, parent, asked.iova, asked.write));
  if (domain.config === 'bypass') return asked.ssid === null ? straight() : 'unknown';
  if (domain.config !== 's1Translate') return 'unknown';
  const fields = decode(ste, [...domain.ste, 0n, 0n, 0n, 0n, 0n, 0n]);
  if (fields.Config !== SteConfig.S1Trans && fields.Config !== SteConfig.Nested) return 'unknown';
  if (mayBeIllegal(fields, hardware)) return 'unknown';
  const index = contextIndex(domain.ste, hardware, asked.ssid);
  if (index === null) return 'nothing';
  if (index === 'bypass') return straight();
  const cdAddress = fields.S1ContextPtr + BigInt(64 * index);
  const page = pageBehind(memory, parent, cdAddress);
  if (typeof page === 'string') return page === 'refused' ? 'nothing' : page;
  const cd = page?.kind === 'contexts' ? (page.slots[Number(cdAddress % PAGE) / 64] ?? null) : null;
  if (cd === null || asked.iova >= GUEST_LIMIT) return 'nothing';
  return throughTable(memory, parent, BigInt(cd.table) * PAGE, descriptorOf(asked.iova), asked);
}

/** Where a VT-d unit's tables lead. */
export function endAtVtd(world: World, { ctx, hwpt }: Attached, asked: Asked): End {
  const memory = memoryOf(world, ctx);
  if (memory === null) return 'unknown';
  const nested = objectOf(memory.context, hwpt, 'hwptNested');
  if (nested === null) return ended(memory, throughIoas(memory, hwpt, asked.iova, asked.write));
  const { parent, domain } = nested;
  if (domain.config !== 'firstStage') return 'unknown';
  const page = Number(asked.iova / PAGE);
  return throughTable(memory, parent, domain.table, page, asked);
}
