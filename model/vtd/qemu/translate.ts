import { decode } from '../../../spec/bits.ts';
import { legacyContext, pasidEntry } from '../../../spec/vtd/entries.ts';
import { below, beyond, isInterrupt, levelShift } from '../architecture/address.ts';
import {
  firstStageOf,
  legacyConfiguration,
  scalableConfiguration,
  secondStageOf,
  type VtdConfiguration,
} from '../architecture/configuration.ts';
import { refused } from '../architecture/leaf.ts';
import {
  type ReadMemory64,
  type VtdOutcome,
  type VtdRequest,
  vtdFault,
  WalkMemory,
} from '../architecture/outcome.ts';
import type { VtdArchitectureRules } from '../architecture/rules.ts';
import { reported } from '../architecture/translate.ts';
import { walkVtd } from '../architecture/walk.ts';
import { checkedContext, faultsDisabled, passesThrough, rawPasidEntry } from './entries.ts';
import { switchDevice } from './switch.ts';
import { beyondLevels } from './too-many-levels.ts';
import { iotlbKey, type QemuIotlbEntry, type QemuVtd } from './unit.ts';

/** Pages of 4 KiB, 2 MiB and 1 GiB are cached; the IOTLB is emptied when it is full. */
const CACHED_LEVELS = 3;
const IOTLB_SIZE = 1024;

export interface QemuTranslation {
  readonly vtd: QemuVtd;
  readonly outcome: VtdOutcome;
}

/** What QEMU's unit does with a request without a PASID, caches and all. */
export function translateQemuVtd(
  vtd: QemuVtd,
  request: VtdRequest,
  read: ReadMemory64,
  rules: VtdArchitectureRules,
): QemuTranslation {
  const { sourceId, address, write } = request;
  if (isInterrupt(address)) return { vtd, outcome: write ? { kind: 'interrupt' } : { kind: 'silent' } };
  if (!vtd.enabled) return { vtd, outcome: reaches(address) };
  if (vtd.root.mode === 'abort') return { vtd, outcome: { kind: 'silent' } };
  // Where pass-through goes by the entry, the switch of the device says nothing.
  if (!rules.passThroughCanBeInvalidated && vtd.bypassing.includes(sourceId))
    return { vtd, outcome: reaches(address) };
  const hit = lookup(vtd, sourceId, address);
  if (hit !== undefined && ((write ? hit.write : hit.read) || !rules.hitWithoutPermissionFaults))
    return { vtd, outcome: useHit(hit, address, write) };
  return translateUncached(vtd, request, new WalkMemory(read), rules);
}

function reaches(address: bigint): VtdOutcome {
  return { kind: 'translated', address, updates: [] };
}

function lookup({ iotlb }: QemuVtd, sourceId: number, address: bigint): QemuIotlbEntry | undefined {
  for (let level = 1; level <= CACHED_LEVELS; level++) {
    const hit = iotlb[iotlbKey(sourceId, level, pageOf(address, level))];
    if (hit !== undefined) return hit;
  }
  return undefined;
}

function pageOf(address: bigint, level: number): bigint {
  return (address & beyond(levelShift(level))) >> 12n;
}

function useHit(
  { output, level, read, write: mayWrite }: QemuIotlbEntry,
  address: bigint,
  write: boolean,
): VtdOutcome {
  if (!(write ? mayWrite : read)) return { kind: 'silent' };
  return reaches(output | (address & below(levelShift(level))));
}

function translateUncached(
  vtd: QemuVtd,
  request: VtdRequest,
  memory: WalkMemory,
  rules: VtdArchitectureRules,
): QemuTranslation {
  const { unit, root } = vtd;
  const scalable = root.mode === 'scalable';
  const known = vtd.contexts[request.sourceId];
  const context = known ?? checkedContext(vtd, request.sourceId, memory, rules);
  if ('kind' in context) return { vtd, outcome: reported(unit, scalable, context, memory, [], rules) };
  const disabled = faultsDisabled(vtd, context, memory, rules);
  if (typeof disabled !== 'boolean')
    return { vtd, outcome: reported(unit, scalable, disabled, memory, [], rules) };
  const cached =
    known === undefined ? { ...vtd, contexts: { ...vtd.contexts, [request.sourceId]: context } } : vtd;
  if (passesThrough(cached, context, memory, rules)) {
    const switched = switchDevice(cached, request.sourceId, memory, rules);
    const passed = walkVtd(unit, PASS_THROUGH, request, false, memory, rules);
    if (passed.kind === 'translation') return { vtd: switched, outcome: reaches(passed.address) };
    const fault = vtdFault(passed.condition, disabled);
    return { vtd: switched, outcome: reported(unit, scalable, fault, memory, [], rules) };
  }
  const entry = scalable ? rawPasidEntry(context, memory).words : null;
  const configuration = configurationOf(vtd, context, entry);
  const impossible = beyondLevels(unit, configuration, request, memory, rules);
  if (impossible === 'ends') return { vtd, outcome: { kind: 'ends' } };
  const walked =
    impossible === null ? walkVtd(unit, configuration, request, false, memory, rules) : refused(impossible);
  if (walked.kind !== 'translation') {
    const fault = vtdFault(walked.condition, disabled);
    return { vtd: cached, outcome: reported(unit, scalable, fault, memory, [], rules) };
  }
  const outcome: VtdOutcome = { kind: 'translated', address: walked.address, updates: memory.updates };
  if (walked.leaf === null) return { vtd: cached, outcome };
  const level = (walked.leaf.shift - 12) / 9 + 1;
  const filled: QemuIotlbEntry = {
    sourceId: request.sourceId,
    level,
    page: pageOf(request.address, level),
    output: walked.leaf.output,
    read: walked.leaf.read,
    write: walked.leaf.write,
    domainId: configuration.domainId,
    firstStage: configuration.kind === 'first' || configuration.kind === 'nested',
  };
  return { vtd: fill(cached, filled), outcome };
}

/** Nothing of it is cached, so that no domain id matters. */
const PASS_THROUGH: VtdConfiguration = { kind: 'passThrough', domainId: 0 };

/** The stage is the unit's, whatever PGTT says by now; one that nests has them all. */
function configurationOf(
  { unit }: QemuVtd,
  context: readonly bigint[],
  entry: readonly bigint[] | null,
): VtdConfiguration {
  if (entry === null) {
    // Pass-through does not come here.
    const configuration = legacyConfiguration(context);
    return { ...configuration, domainId: decode(legacyContext, context).DID };
  }
  if (unit.nesting) return scalableConfiguration(entry);
  const domainId = decode(pasidEntry, entry).DID;
  return unit.firstStage
    ? { kind: 'first', domainId, first: firstStageOf(entry) }
    : { kind: 'second', domainId, second: secondStageOf(entry) };
}

function fill(vtd: QemuVtd, entry: QemuIotlbEntry): QemuVtd {
  const kept = Object.keys(vtd.iotlb).length >= IOTLB_SIZE ? {} : vtd.iotlb;
  return { ...vtd, iotlb: { ...kept, [iotlbKey(entry.sourceId, entry.level, entry.page)]: entry } };
}
