import { decode } from '../../../spec/bits.ts';
import { fits } from '../../../spec/smmuv3/address.ts';
import { gbpa } from '../../../spec/smmuv3/registers.ts';
import type { Access, ReadMemory64 } from '../architecture/access.ts';
import { configure, type StreamConfiguration, type Translating } from '../architecture/configuration.ts';
import type { Implementation } from '../architecture/implementation.ts';
import type { IpaLookup } from '../architecture/ipa-lookup.ts';
import { type Fault, type Outcome, type Refusal, translationFault } from '../architecture/outcome.ts';
import { eventWords, report } from '../architecture/report.ts';
import type { SmmuArchitectureRules } from '../architecture/rules.ts';
import { regionFor } from '../architecture/stage1.ts';
import { walkStage2 } from '../architecture/stage2.ts';
import type { Stage2Configuration } from '../architecture/stage2-configuration.ts';
import { fetchSte } from '../architecture/stream-table.ts';
import { bypass, withOverrides } from '../architecture/translate.ts';
import { type Translation, walk } from '../architecture/walk.ts';
import { recordEvent } from './event-queue.ts';
import { dropWhere } from './invalidate.ts';
import type { QemuSmmu } from './smmu.ts';
import {
  bothStages,
  find,
  insert,
  NO_ASID,
  outputOf,
  singleStage,
  type Tlb,
  type TlbEntry,
  type TlbTags,
} from './tlb.ts';

/** A transaction's end: the SMMU after it, what became of it, and the event record if one was written. */
export interface Translated {
  readonly smmu: QemuSmmu;
  readonly outcome: Outcome;
  /** Four doublewords; undefined: nothing was written to the event queue. */
  readonly event: readonly bigint[] | undefined;
}

/** Translates an access through the caches, filling them as QEMU does. `rules` are those of the emulation. */
export function translateCached(
  smmu: QemuSmmu,
  access: Access,
  read: ReadMemory64,
  rules: SmmuArchitectureRules,
): Translated {
  if (!smmu.enabled) return { smmu, outcome: disabled(smmu, access, rules), event: undefined };
  const { smmu: after, outcome } = translateEnabled(smmu, access, read, rules);
  if (outcome.kind !== 'fault') return { smmu: after, outcome, event: undefined };
  const recorded = recordEvent(after, rules);
  return {
    smmu: recorded.smmu,
    outcome,
    event: recorded.written ? eventWords(outcome.event, rules) : undefined,
  };
}

function disabled(smmu: QemuSmmu, { address }: Access, rules: SmmuArchitectureRules): Outcome {
  const aborts = decode(gbpa, [BigInt(smmu.gbpa)]).ABORT === 1;
  const passes = !aborts && rules.bypassMayOutput(fits(address, smmu.implementation.oas));
  return passes ? { kind: 'translated', address } : { kind: 'silent', response: 'abort' };
}

/** The translation cache while one transaction is served: fetches of CDs and tables leave entries in it too. */
interface OpenTlb {
  entries: Tlb;
}

function translateEnabled(
  smmu: QemuSmmu,
  access: Access,
  read: ReadMemory64,
  rules: SmmuArchitectureRules,
): { readonly smmu: QemuSmmu; readonly outcome: Outcome } {
  const tlb: OpenTlb = { entries: smmu.tlb };
  const lookup = lookupThrough(tlb, read, rules);
  const cached = smmu.configurations[access.streamId];
  const configuration = cached ?? configureStream(smmu, access, read, rules, lookup);
  if (configuration.kind === 'unmodelled') return { smmu, outcome: configuration };
  if (configuration.kind === 'fault') {
    const outcome = report(configuration, access, 'configuration', rules);
    return { smmu: { ...smmu, tlb: tlb.entries }, outcome };
  }
  const configurations =
    cached === undefined ? { ...smmu.configurations, [access.streamId]: configuration } : smmu.configurations;
  const outcome = translateConfigured(tlb, configuration, access, smmu.implementation, read, rules, lookup);
  return { smmu: { ...smmu, configurations, tlb: tlb.entries }, outcome };
}

/** Takes the SMMU's own fetches through stage 2 and the cache. A cached entry is not asked whether it permits reads. */
function lookupThrough(tlb: OpenTlb, read: ReadMemory64, rules: SmmuArchitectureRules): IpaLookup {
  const cached = ({ vmid, inputBits, granule }: Stage2Configuration, ipa: bigint) =>
    find(tlb.entries, { asid: NO_ASID, vmid, inputBits, granule }, ipa);
  return {
    translate: (stage2, ipa, request) => {
      const hit = cached(stage2, ipa);
      if (hit !== undefined) return outputOf(hit, ipa);
      const leaf = walkStage2(stage2, ipa, request, read, rules);
      if (leaf.kind === 'fault') return leaf;
      const entry = singleStage(leaf, ipa, NO_ASID, stage2.vmid);
      tlb.entries = insert(tlb.entries, entry);
      return outputOf(entry, ipa);
    },
    knows: (stage2, ipa) => cached(stage2, ipa) !== undefined,
  };
}

function translateConfigured(
  tlb: OpenTlb,
  configuration: StreamConfiguration,
  incoming: Access,
  implementation: Implementation,
  read: ReadMemory64,
  rules: SmmuArchitectureRules,
  lookup: IpaLookup,
): Outcome {
  if (configuration.kind === 'abort') return { kind: 'silent', response: 'abort' };
  const access = withOverrides(incoming, configuration.overrides);
  if (configuration.kind === 'bypass') return bypass(access, implementation, rules);
  const hit = lookupTransaction(tlb.entries, configuration, access, rules);
  if (hit !== undefined) {
    if (access.write ? hit.write && hit.stage2Write : hit.read)
      return { kind: 'translated', address: outputOf(hit, access.address) };
    if (rules.refusesByCache) return refuse(hit, configuration, access, rules);
    tlb.entries = dropWhere(tlb.entries, (entry) => entry === hit);
  }
  const translation = walk(configuration, access, implementation, read, rules, lookup);
  if (translation.kind === 'fault') return report(translation, access, 'walk', rules);
  const entry = entryOf(translation, configuration, access.address);
  if (entry !== undefined) tlb.entries = insert(tlb.entries, entry);
  return { kind: 'translated', address: translation.address };
}

function entryOf(
  { stage1, stage2 }: Translation,
  configuration: Translating,
  address: bigint,
): TlbEntry | undefined {
  const asid = configuration.stage1?.asid ?? NO_ASID;
  const { vmid } = configuration;
  if (stage1 !== undefined && stage2 !== undefined) return bothStages(stage1, stage2, address, asid, vmid);
  const only = stage1 ?? stage2;
  return only === undefined ? undefined : singleStage(only, address, asid, vmid);
}

/** A configuration that was refused is not cached: the next access decodes it again. */
function configureStream(
  smmu: QemuSmmu,
  access: Access,
  read: ReadMemory64,
  rules: SmmuArchitectureRules,
  lookup: IpaLookup,
): StreamConfiguration | Fault | Refusal {
  const words = steOf(smmu, access.streamId, read, rules);
  if ('kind' in words) return words;
  return configure(words, access.substreamId, smmu.implementation, read, rules, lookup);
}

const INVALID_STE: readonly bigint[] = [0n, 0n, 0n, 0n, 0n, 0n, 0n, 0n];

function steOf(
  { stes, implementation, recordsBadStreamIds }: QemuSmmu,
  streamId: number,
  read: ReadMemory64,
  rules: SmmuArchitectureRules,
): readonly bigint[] | Fault {
  if (stes.kind === 'installed') return stes.entries[streamId] ?? INVALID_STE;
  const records = rules.recordsBadStreamId(recordsBadStreamIds);
  return fetchSte(stes.table, implementation.idr1.SIDSIZE, records, streamId, read, rules);
}

/** The cached translation of a transaction: nested ones may have been entered with the granule of either stage. */
function lookupTransaction(
  tlb: Tlb,
  { stage1, stage2, vmid }: Translating,
  { address }: Access,
  rules: SmmuArchitectureRules,
): TlbEntry | undefined {
  if (stage1 === null) {
    if (stage2 === null) return undefined;
    const { inputBits, granule } = stage2;
    return find(tlb, { asid: NO_ASID, vmid, inputBits, granule }, address);
  }
  const region = regionFor(stage1, address, rules);
  if (region === undefined) return undefined;
  const tags: TlbTags = {
    asid: stage1.asid,
    vmid,
    inputBits: region.inputBits,
    granule: region.granule,
  };
  const found = find(tlb, tags, address);
  if (found !== undefined || stage2 === null || stage2.granule === region.granule) return found;
  return find(tlb, { ...tags, granule: stage2.granule }, address);
}

/**
 * What a cached translation gives to what it does not permit: a write faults without an IPA, in the name of the first stage that
 * forbids it; a read ends without an event.
 */
function refuse(
  entry: TlbEntry,
  { stage1, stage2 }: Translating,
  access: Access,
  rules: SmmuArchitectureRules,
): Outcome {
  if (!access.write) return { kind: 'silent', response: 'abort' };
  const stage = entry.write ? 2 : 1;
  const policy = (stage === 2 ? stage2 : stage1)?.policy ?? ({ recorded: false, response: 'abort' } as const);
  return report(translationFault('F_PERMISSION', stage, 'IN', 0n, policy), access, 'walk', rules);
}
