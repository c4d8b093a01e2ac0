import type { Caches } from '../../caches/engine.ts';
import { includesPage, outputOf } from '../../caches/pages.ts';
import type { IommuHardware, Platform } from '../../platform/platform.ts';
import type { World } from '../../world/world.ts';
import type { ContextTable } from '../architecture/ste.ts';
import { ABORT_STE } from '../driver/ste.ts';
import {
  type AtcEntry,
  atcEntry,
  type CdEntry,
  cdEntry,
  type Entry,
  type SteEntry,
  steEntry,
  type TlbEntry,
  tlbEntry,
} from './entry.ts';
import { ENTRY_PIECES } from './entry-pieces.ts';
import { cdCount, cdPlace, guestCdAt, guestTableAt, holdsTables, hostCdAt, ssidOf } from './fetch.ts';
import { vaPageOf } from './guest-memory.ts';
import { addressOf, runsAt } from './mappings.ts';
import { allowsAts, type StreamEntry, streamEntryOf } from './stream-entry.ts';
import { type Stream, streamsOf } from './streams.ts';

/** IPA pages there are (IAS = OAS = 44 bits): a table or an output beyond them is an error of the guest's. */
export const IPA_PAGES = 2 ** 32;

/** Everything that caches may hold in a world, in the order in which hardware finds one thing through another. */
export interface View {
  readonly entries: ReadonlyMap<string, Entry>;
  /** By stream. */
  readonly stes: readonly (readonly SteEntry[])[];
  readonly cds: readonly (readonly CdEntry[])[];
  readonly atc: readonly (readonly AtcEntry[])[];
  /** By pSMMU and VMID (`tagOf`). */
  readonly stage1: ReadonlyMap<number, readonly TlbEntry[]>;
  readonly stage2: ReadonlyMap<number, readonly TlbEntry[]>;
  readonly nested: ReadonlyMap<number, readonly TlbEntry[]>;
}

/** A pSMMU and a VMID in one number. */
export function tagOf(smmu: number, vmid: number): number {
  return smmu * 0x1_0000 + vmid;
}

/** The host's own stage-1 domains have this VMID. */
export const HOST_VMID = 0;

export function entryOf(platform: Platform, { stream, key, words }: SteEntry): StreamEntry {
  const { smmu } = streamsOf(platform)[stream] as Stream;
  return streamEntryOf(platform.iommus[smmu] as IommuHardware, key, words);
}

interface Draft {
  readonly entries: Map<string, Entry>;
  readonly stes: SteEntry[][];
  readonly cds: CdEntry[][];
  readonly atc: AtcEntry[][];
  readonly stage1: Map<number, TlbEntry[]>;
  readonly stage2: Map<number, TlbEntry[]>;
  readonly nested: Map<number, TlbEntry[]>;
}

/**
 * All that caches may hold, given what they may hold already: that, and whatever hardware would fetch now through any
 * of it. A stale STE leads to CDs, a stale stage-2 translation to a guest's table, and what is found there is held in
 * its turn: so the result is closed.
 */
export function derive(world: World, held: Iterable<Entry>): View {
  const { platform } = world;
  const streams = streamsOf(platform);
  const draft: Draft = {
    entries: new Map(),
    stes: streams.map(() => []),
    cds: streams.map(() => []),
    atc: streams.map(() => []),
    stage1: new Map(),
    stage2: new Map(),
    nested: new Map(),
  };
  for (const entry of held) add(draft, entry);
  for (const { index, smmu, streamId } of streams) {
    const words = world.machine?.driver.streamTables[smmu]?.[streamId] ?? ABORT_STE;
    add(draft, steEntry(index, words));
  }
  const found = streams.flatMap((stream) =>
    (draft.stes[stream.index] ?? []).map((ste) => ({ stream, entry: entryOf(platform, ste) })),
  );
  for (const { stream, entry } of found) addStage2(draft, world, stream, entry);
  for (const { stream, entry } of found) addContexts(draft, world, stream, entry);
  for (const { stream, entry } of found) addStage1(draft, world, stream, entry);
  for (const [tag, list] of draft.stage1) addNested(draft, list, draft.stage2.get(tag) ?? []);
  for (const { stream, entry } of found) if (asksForTranslations(world, stream)) addAtc(draft, stream, entry);
  return draft;
}

/** The caches of SMMUs and of devices. */
export const SMMU_CACHES: Caches<Entry> = {
  ...ENTRY_PIECES,
  fetched: (world, held) => derive(world, held).entries,
};

/**
 * Whether a device's own ATS is on. The driver switches it off before an STE forbids it, and on after one allows it: while
 * an entry is being changed, it is on if both the old and the new one allow it.
 */
function asksForTranslations({ platform, machine }: World, { index, smmu, streamId, ats }: Stream): boolean {
  const work = machine?.work ?? null;
  if (!ats || work === null) return ats;
  return [work.from, work.to].every(({ streamTables }) =>
    allowsAts(entryOf(platform, steEntry(index, streamTables[smmu]?.[streamId] ?? ABORT_STE))),
  );
}

function add(draft: Draft, entry: Entry): void {
  if (draft.entries.has(entry.key)) return;
  draft.entries.set(entry.key, entry);
  switch (entry.cache) {
    case 'ste':
      draft.stes[entry.stream]?.push(entry);
      return;
    case 'cd':
      draft.cds[entry.stream]?.push(entry);
      return;
    case 'atc':
      draft.atc[entry.stream]?.push(entry);
      return;
    case 'tlb': {
      const byTag = draft[entry.holds];
      const tag = tagOf(entry.smmu, entry.vmid);
      const list = byTag.get(tag);
      if (list === undefined) byTag.set(tag, [entry]);
      else list.push(entry);
    }
  }
}

function addStage2(draft: Draft, world: World, { smmu }: Stream, entry: StreamEntry): void {
  if (entry.kind !== 'stage2' && entry.kind !== 'nested') return;
  const { vmid } = entry;
  for (const { first, last, out, read, write } of runsAt(world, entry.table)) {
    const ipa = first;
    add(
      draft,
      tlbEntry({
        smmu,
        holds: 'stage2',
        vmid,
        asid: null,
        first,
        last,
        out,
        ipa,
        writable: true,
        read,
        write,
      }),
    );
  }
}

function addContexts(draft: Draft, world: World, { index: stream, smmu }: Stream, entry: StreamEntry): void {
  if (entry.kind === 'stage1') add(draft, cdEntry(stream, 0, hostCdAt(world, entry.pointer)));
  if (entry.kind !== 'nested') return;
  const stage2 = draft.stage2.get(tagOf(smmu, entry.vmid)) ?? [];
  for (let index = 0; index < cdCount(entry.contexts); index++) {
    const { page, slot } = cdPlace(entry.contexts, index);
    for (const hit of stage2) {
      if (!includesPage(hit, page) || !hit.read) continue;
      const at = outputOf(hit, page);
      if (holdsTables(world, at)) add(draft, cdEntry(stream, index, guestCdAt(world, at, slot)));
    }
  }
}

function addStage1(draft: Draft, world: World, { index: stream, smmu }: Stream, entry: StreamEntry): void {
  if (entry.kind === 'stage1') {
    for (const { cd } of draft.cds[stream] ?? []) {
      if (cd === null) continue;
      for (const { first, last, out, write: writable } of runsAt(world, addressOf(cd.table))) {
        const tag = { smmu, vmid: HOST_VMID, asid: cd.asid };
        const value = { first, last, out, ipa: out, writable, read: true, write: true };
        add(draft, tlbEntry({ holds: 'nested', ...tag, ...value }));
      }
    }
  }
  if (entry.kind !== 'nested') return;
  const { vmid } = entry;
  const stage2 = draft.stage2.get(tagOf(smmu, vmid)) ?? [];
  for (const { index, cd } of draft.cds[stream] ?? []) {
    if (cd === null || cd.table >= IPA_PAGES || index >= cdCount(entry.contexts)) continue;
    for (const hit of stage2) {
      if (!includesPage(hit, cd.table) || !hit.read) continue;
      addTable(draft, world, smmu, vmid, cd.asid, outputOf(hit, cd.table));
    }
  }
}

/** Every page that a guest's table maps, as far as stage 1 goes. */
function addTable(draft: Draft, world: World, smmu: number, vmid: number, asid: number, page: number): void {
  guestTableAt(world, page).forEach((pte, index) => {
    if (pte === null || pte.ipa >= IPA_PAGES) return;
    const va = vaPageOf(index);
    const tag = { smmu, vmid, asid: pte.global ? null : asid };
    const value = { first: va, last: va, out: pte.ipa, ipa: pte.ipa, writable: pte.writable };
    add(draft, tlbEntry({ holds: 'stage1', ...tag, ...value, read: true, write: true }));
  });
}

function addNested(draft: Draft, stage1: readonly TlbEntry[], stage2: readonly TlbEntry[]): void {
  for (const { smmu, vmid, asid, first, last, out: ipa, writable } of stage1) {
    for (const hit of stage2) {
      if (!includesPage(hit, ipa)) continue;
      const { read, write } = hit;
      const out = outputOf(hit, ipa);
      add(
        draft,
        tlbEntry({ smmu, holds: 'nested', vmid, asid, first, last, out, ipa, writable, read, write }),
      );
    }
  }
}

/** A device may have asked for any translation while STE.EATS let it. */
function addAtc(draft: Draft, { index: stream, smmu }: Stream, entry: StreamEntry): void {
  if (!allowsAts(entry)) return;
  if (entry.kind === 'stage1') addHostAtc(draft, stream, smmu);
  else if (entry.kind === 'stage2') addStage2Atc(draft, stream, tagOf(smmu, entry.vmid));
  else if (entry.kind === 'nested') addNestedAtc(draft, stream, tagOf(smmu, entry.vmid), entry.contexts);
}

function addHostAtc(draft: Draft, stream: number, smmu: number): void {
  for (const { cd } of draft.cds[stream] ?? []) {
    for (const hit of draft.nested.get(tagOf(smmu, HOST_VMID)) ?? []) {
      if (cd === null || hit.asid !== cd.asid) continue;
      const { first, last, out, read, writable } = hit;
      add(draft, atcEntry({ stream, ssid: null, first, last, out, read, write: hit.write && writable }));
    }
  }
}

function addStage2Atc(draft: Draft, stream: number, tag: number): void {
  for (const { first, last, out, read, write } of draft.stage2.get(tag) ?? [])
    add(draft, atcEntry({ stream, ssid: null, first, last, out, read, write }));
}

function addNestedAtc(draft: Draft, stream: number, tag: number, contexts: ContextTable): void {
  if (contexts.log2Size > 0 && contexts.withoutSubstream === 'bypass') addStage2Atc(draft, stream, tag);
  for (const { index, cd } of draft.cds[stream] ?? []) {
    if (cd === null || index >= cdCount(contexts)) continue;
    const ssid = ssidOf(contexts, index);
    for (const hit of draft.nested.get(tag) ?? []) {
      if (hit.asid !== null && hit.asid !== cd.asid) continue;
      const { first, last, out, read } = hit;
      add(draft, atcEntry({ stream, ssid, first, last, out, read, write: hit.write && hit.writable }));
    }
  }
}
