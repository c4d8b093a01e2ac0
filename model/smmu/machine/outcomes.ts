import { includesPage, outputOf } from '../../caches/pages.ts';
import type { World } from '../../world/world.ts';
import { chooseContext } from '../architecture/context.ts';
import {
  configurationFault,
  type FaultClass,
  type FaultPolicy,
  type TranslationFaultName,
  translationFault,
} from '../architecture/outcome.ts';
import { aborts, type Collected, faults, reaches } from './collect.ts';
import type { TlbEntry } from './entry.ts';
import { cdPlace, guestTableAt, holdsTables } from './fetch.ts';
import { type Cd, type Pte, pteIndexOf, VA_BITS } from './guest-memory.ts';
import type { SmmuRegisters } from './machine.ts';
import { addressOf, runsAt } from './mappings.ts';
import type { DmaOutcome, DmaRequest } from './outcome.ts';
import { allowsAts, type StreamEntry } from './stream-entry.ts';
import { type Stream, streamsOf } from './streams.ts';
import { entryOf, HOST_VMID, IPA_PAGES, tagOf, type View } from './view.ts';

type Nested = Extract<StreamEntry, { kind: 'nested' }>;

/** One access on its way through one of the entries that its stream may be under. */
interface Lookup extends Collected {
  readonly world: World;
  readonly view: View;
  readonly stream: Stream;
  readonly page: number;
}

const STAGE2_POLICY: FaultPolicy = { recorded: true, response: 'abort' };
const PAGE_OFFSET = 0xfffn;

/**
 * Everything that may become of an access, whichever of the configuration and translations that caches may hold it
 * meets, and whatever a walk would find now.
 */
export function outcomesOf(world: World, view: View, request: DmaRequest): readonly DmaOutcome[] {
  const stream = streamsOf(world.platform)[request.stream] as Stream;
  const { address, write, ssid } = request;
  const lookup: Lookup = {
    world,
    view,
    stream,
    page: Number(address >> 12n),
    access: {
      streamId: stream.streamId,
      substreamId: ssid ?? undefined,
      address,
      write,
      privileged: false,
      instruction: false,
    },
    outcomes: new Map(),
  };
  const registers = world.machine?.registers[stream.smmu];
  if (registers?.enabled === false) {
    throughDisabled(lookup, registers, request.translated);
    return [...lookup.outcomes.values()];
  }
  for (const ste of view.stes[stream.index] ?? []) {
    const entry = entryOf(world.platform, ste);
    if (request.translated) throughAtc(lookup, entry, ssid);
    else through(lookup, entry, ssid);
  }
  return [...lookup.outcomes.values()];
}

/** SMMUEN = 0: GBPA decides, and nothing is recorded (IHI0070 3.11); what an ATC says counts for nothing then. */
function throughDisabled(lookup: Lookup, registers: SmmuRegisters, translated: boolean): void {
  if (registers.aborts || translated || lookup.page >= IPA_PAGES) aborts(lookup);
  else reaches(lookup, lookup.page);
}

function through(lookup: Lookup, entry: StreamEntry, ssid: number | null): void {
  switch (entry.kind) {
    case 'abort':
      aborts(lookup);
      break;
    case 'bad':
      faults(lookup, configurationFault('C_BAD_STE'), 'configuration');
      break;
    case 'bypass':
      reaches(lookup, lookup.page);
      break;
    case 'stage1':
    case 'stage2':
      if (ssid !== null) faults(lookup, configurationFault('C_BAD_SUBSTREAMID'), 'configuration');
      else if (entry.kind === 'stage1') throughHost(lookup);
      else throughStage2(lookup, entry);
      break;
    case 'nested':
      throughNested(lookup, entry, ssid);
  }
}

/** A stage-1 domain of the host: its own CD, its own tables. */
function throughHost(lookup: Lookup): void {
  const { world, view, stream, page, access } = lookup;
  for (const { index, cd } of view.cds[stream.index] ?? []) {
    if (index !== 0) continue;
    if (cd === null) {
      faults(lookup, configurationFault('C_BAD_CD'), 'configuration');
      continue;
    }
    for (const hit of view.nested.get(tagOf(stream.smmu, HOST_VMID)) ?? []) {
      if (hit.asid !== cd.asid || !includesPage(hit, page)) continue;
      if (access.write && !hit.writable) refuseStage1(lookup, 'F_PERMISSION', cd);
      else reaches(lookup, outputOf(hit, page));
    }
    const runs = runsAt(world, addressOf(cd.table));
    if (!runs.some((run) => includesPage(run, page))) refuseStage1(lookup, 'F_TRANSLATION', cd);
  }
}

/** Stage 2 alone: the address is an IPA. */
function throughStage2(lookup: Lookup, { vmid, table }: { vmid: number; table: bigint }): void {
  const { world, view, stream, page, access } = lookup;
  if (page >= IPA_PAGES) {
    faults(lookup, translationFault('F_ADDR_SIZE', 1, 'IN', 0n, STAGE2_POLICY), 'walk');
    return;
  }
  for (const hit of view.stage2.get(tagOf(stream.smmu, vmid)) ?? []) {
    if (!includesPage(hit, page)) continue;
    if (access.write ? hit.write : hit.read) reaches(lookup, outputOf(hit, page));
    else refuseStage2(lookup, 'F_PERMISSION', 'IN', access.address);
  }
  if (!isMapped(world, table, page)) refuseStage2(lookup, 'F_TRANSLATION', 'IN', access.address);
}

function throughNested(lookup: Lookup, entry: Nested, ssid: number | null): void {
  const index = chooseContext(entry.contexts, ssid ?? undefined);
  if (index === 'bypass') throughStage2(lookup, entry);
  else if (typeof index !== 'number') faults(lookup, index, 'configuration');
  else throughContexts(lookup, entry, index);
}

/** Every CD that the stream may have at an index, and what stage 2 refuses now of fetching it. */
function throughContexts(lookup: Lookup, entry: Nested, index: number): void {
  const { address, page } = cdPlace(entry.contexts, index);
  refuseOwnFetch(lookup, entry, page, 'CD', address);
  for (const { index: of, cd } of lookup.view.cds[lookup.stream.index] ?? []) {
    if (of !== index) continue;
    if (cd === null || cd.table >= IPA_PAGES) faults(lookup, configurationFault('C_BAD_CD'), 'configuration');
    else throughContext(lookup, entry, cd);
  }
}

/** Stage 1 under one CD: what the TLB may hit, and what a walk of the guest's table would meet now. */
function throughContext(lookup: Lookup, entry: Nested, cd: Cd): void {
  const { view, stream, page, access } = lookup;
  const tag = tagOf(stream.smmu, entry.vmid);
  const hits = ({ asid }: TlbEntry): boolean => asid === null || asid === cd.asid;
  for (const hit of view.nested.get(tag) ?? []) {
    if (!includesPage(hit, page) || !hits(hit)) continue;
    if (access.write && !hit.writable) refuseStage1(lookup, 'F_PERMISSION', cd);
    else if (access.write ? hit.write : hit.read) reaches(lookup, outputOf(hit, page));
    else refuseStage2(lookup, 'F_PERMISSION', 'IN', ipaBehind(lookup, hit.ipa));
  }
  for (const hit of view.stage1.get(tag) ?? []) {
    if (!includesPage(hit, page) || !hits(hit)) continue;
    outputThroughStage2(lookup, entry, cd, hit);
  }
  if (access.address >> BigInt(VA_BITS) !== 0n) refuseStage1(lookup, 'F_TRANSLATION', cd);
  else walkTable(lookup, entry, cd);
}

/** What a walk meets on its way to a page descriptor; one that translates is among the stage-1 entries. */
function walkTable(lookup: Lookup, entry: Nested, cd: Cd): void {
  const { view, stream, page, world } = lookup;
  refuseOwnFetch(lookup, entry, cd.table, 'TT', addressOf(cd.table));
  for (const hit of view.stage2.get(tagOf(stream.smmu, entry.vmid)) ?? []) {
    if (!includesPage(hit, cd.table) || !hit.read) continue;
    const at = outputOf(hit, cd.table);
    if (holdsTables(world, at)) refuseDescriptor(lookup, cd, guestTableAt(world, at)[pteIndexOf(page)]);
  }
}

/** What stage 2 refuses now of stage 1's output; what it allows is among the nested entries. */
function outputThroughStage2(lookup: Lookup, { table }: Nested, cd: Cd, { ipa, writable }: TlbEntry): void {
  if (lookup.access.write && !writable) refuseStage1(lookup, 'F_PERMISSION', cd);
  else if (!isMapped(lookup.world, table, ipa))
    refuseStage2(lookup, 'F_TRANSLATION', 'IN', ipaBehind(lookup, ipa));
}

/** The fault of a page descriptor that does not translate. */
function refuseDescriptor(lookup: Lookup, cd: Cd, pte: Pte | null | undefined): void {
  if (pte === null || pte === undefined) refuseStage1(lookup, 'F_TRANSLATION', cd);
  else if (pte.ipa >= IPA_PAGES) refuseStage1(lookup, 'F_ADDR_SIZE', cd);
}

/** What stage 2 refuses now of the SMMU's own fetches: of a CD, or of a stage-1 descriptor. */
function refuseOwnFetch(lookup: Lookup, { table }: Nested, page: number, of: 'CD' | 'TT', ipa: bigint): void {
  const run = runsAt(lookup.world, table).find((candidate) => includesPage(candidate, page));
  if (run === undefined) refuseStage2(lookup, 'F_TRANSLATION', of, ipa);
  else if (!run.read || !holdsTables(lookup.world, outputOf(run, page)))
    refuseStage2(lookup, 'F_PERMISSION', of, ipa);
}

/** A translated request goes where the device's ATC says, if STE.EATS lets it through. */
function throughAtc(lookup: Lookup, entry: StreamEntry, ssid: number | null): void {
  const { view, stream, page, access } = lookup;
  for (const hit of view.atc[stream.index] ?? []) {
    if (hit.ssid !== ssid || !includesPage(hit, page) || !(access.write ? hit.write : hit.read)) continue;
    const place = outputOf(hit, page);
    if (allowsAts(entry)) reaches(lookup, place);
    else if (entry.kind === 'abort') aborts(lookup);
    // An entry that is not valid is found to be so before anybody looks at its EATS.
    else if (entry.kind === 'bad') faults(lookup, configurationFault('C_BAD_STE'), 'configuration');
    else faults(lookup, configurationFault('F_TRANSL_FORBIDDEN'), 'walk');
  }
}

function refuseStage1(lookup: Lookup, name: TranslationFaultName, { recorded }: Cd): void {
  faults(lookup, translationFault(name, 1, 'IN', 0n, { recorded, response: 'abort' }), 'walk');
}

function refuseStage2(lookup: Lookup, name: TranslationFaultName, of: FaultClass, ipa: bigint): void {
  faults(lookup, translationFault(name, 2, of, ipa, STAGE2_POLICY), of === 'CD' ? 'configuration' : 'walk');
}

function isMapped(world: World, table: bigint, page: number): boolean {
  return runsAt(world, table).some((run) => includesPage(run, page));
}

function ipaBehind({ access }: Lookup, page: number): bigint {
  return addressOf(page) | (access.address & PAGE_OFFSET);
}
