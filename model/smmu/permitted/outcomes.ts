import { lowMask } from '../../../spec/smmuv3/address.ts';
import type { Access } from '../architecture/access.ts';
import type { Translating } from '../architecture/configuration.ts';
import type { Leaf } from '../architecture/descriptor.ts';
import { addressIn } from '../architecture/ipa-lookup.ts';
import type { Fault, Outcome } from '../architecture/outcome.ts';
import { eventWords, report } from '../architecture/report.ts';
import { regionFor, type TableLookup, walkStage1 } from '../architecture/stage1.ts';
import { tableFetch } from '../architecture/stage2.ts';
import { bypass, withOverrides } from '../architecture/translate.ts';
import { walk } from '../architecture/walk.ts';
import { structureAt } from '../driver/layout.ts';
import { type Choose, everyWay } from './choices.ts';
import { type Configured, configurationsOf, lookupOf } from './configurations.ts';
import { lastFlush, type Tagged } from './flushes.ts';
import { valuesSince } from './memory-view.ts';
import type { Setting } from './setting.ts';
import { formerAreas, formerLeaf, stage2Options } from './stage2-options.ts';

const NOW = Number.POSITIVE_INFINITY;

/**
 * Every outcome that the caches permit to an access at this moment, each once: with any configuration, table or
 * translation that was valid at some time since the last completed invalidation that covers it (IHI0070 3.17, 4). A fault
 * that only an invalid entry causes is not cached, so it needs the present tables. A translation marked global serves every
 * ASID of its VMID, and no invalidation by ASID takes it away.
 */
export function permittedOutcomes(setting: Setting, access: Access): readonly Outcome[] {
  const found = new Map<string, Outcome>();
  const add = (outcome: Outcome): void => {
    const key = keyOf(outcome, setting);
    if (!found.has(key)) found.set(key, outcome);
  };
  const tags = new Map<string, Translating>();
  for (const configuration of configurationsOf(setting, access.streamId, NOW)) {
    for (const outcome of outcomesOf(setting, configuration, access)) add(outcome);
    if (configuration.kind === 'translate' && configuration.stage1 !== null)
      tags.set(`${configuration.vmid} ${configuration.stage1.asid}`, configuration);
  }
  for (const configuration of tags.values()) {
    for (const outcome of outcomesUnderTag(setting, configuration, access)) add(outcome);
  }
  return [...found.values()];
}

/** Two outcomes with the same key cannot be told apart. */
function keyOf(outcome: Outcome, { rules }: Setting): string {
  switch (outcome.kind) {
    case 'translated':
      return `at ${outcome.address}`;
    case 'fault':
      return `event ${eventWords(outcome.event, rules).join()}`;
    case 'silent':
      return 'silent';
    case 'unmodelled':
      return `unmodelled ${outcome.what}`;
  }
}

function outcomesOf(setting: Setting, configuration: Configured, incoming: Access): Iterable<Outcome> {
  const { implementation, rules } = setting;
  switch (configuration.kind) {
    case 'fault':
      return [report(configuration, incoming, 'configuration', rules)];
    case 'unmodelled':
      return [configuration];
    case 'abort':
      return [{ kind: 'silent', response: 'abort' }];
    case 'bypass':
      return [bypass(withOverrides(incoming, configuration.overrides), implementation, rules)];
    case 'translate':
      return walks(setting, configuration, withOverrides(incoming, configuration.overrides), 'own');
  }
}

/** What translations of any stream of this pSMMU give that could be cached under the same VMID and ASID. */
function* outcomesUnderTag(setting: Setting, of: Translating, incoming: Access): Generator<Outcome> {
  const access = withOverrides(incoming, of.overrides);
  for (const kept of ['byAsid', 'global'] as const) {
    const since = lastFlush(setting.history, taggedAs(setting, of, access, kept), 'table');
    for (const key of Object.keys(setting.streamTable)) {
      for (const other of configurationsOf(setting, Number(key), since)) {
        if (other.kind !== 'translate' || other.stage1 === null || other.vmid !== of.vmid) continue;
        if (kept === 'global' || other.stage1.asid === of.stage1?.asid)
          yield* walks(setting, other, access, kept);
      }
    }
  }
}

/** Whose translations a walk may end in: the transaction's own, or one that was kept under its ASID, or for every ASID. */
type Whose = 'own' | 'byAsid' | 'global';

function taggedAs(setting: Setting, of: Translating, { address }: Access, whose: Whose): Tagged {
  const { smmu } = setting;
  const { vmid, stage1 } = of;
  const asid = stage1 !== null && whose === 'global' ? 'global' : stage1?.asid;
  return { smmu, vmid, asid, input: address, granule: granuleOf(of, address, setting.rules) };
}

/** log2 of the granule of the tables that an address is looked up in first. */
function granuleOf(
  { stage1, stage2 }: Translating,
  address: bigint,
  rules: Setting['rules'],
): number | undefined {
  return stage1 === null ? stage2?.granule : regionFor(stage1, address, rules)?.granule;
}

/** The outcomes of walks that began at any time; faults of present tables only where the walk is the transaction's own. */
function* walks(
  setting: Setting,
  configuration: Translating,
  access: Access,
  whose: Whose,
): Generator<Outcome> {
  for (const end of everyWay(
    (choose) => walkOnce(setting, configuration, access, whose, choose),
    setting.budget,
  )) {
    if (end === 'impossible') continue;
    if (end.kind === 'translation') yield { kind: 'translated', address: end.address };
    else if (whose === 'own' || end.name === 'F_PERMISSION') yield report(end, access, 'walk', setting.rules);
  }
}

type End = { readonly kind: 'translation'; readonly address: bigint } | Fault | 'impossible';

const NOT_GLOBAL = 1n << 11n;

function walkOnce(
  setting: Setting,
  configuration: Translating,
  access: Access,
  whose: Whose,
  choose: Choose,
): End {
  const { stage1: context, stage2 } = configuration;
  if (context === null) return walkStage2Only(setting, configuration, access, choose);
  const { history, read, rules } = setting;
  const tagged = taggedAs(setting, configuration, access, whose);
  const leafSince = lastFlush(history, tagged, 'leaf');
  const kept =
    // The host's own mappings are never global.
    stage2 === null && whose !== 'global'
      ? formerTranslation(setting, configuration, access, leafSince, choose)
      : null;
  if (kept !== null) return kept;

  const since = lastFlush(history, tagged, 'table');
  let builtAt = leafSince;
  let lastUntil = NOW;
  let descriptor = 0n;
  const readAny = (address: bigint): bigint | undefined => {
    const [present, ...former] = valuesSince(history, read, address, since);
    const values = [present, ...former.filter(({ value = 0n }) => (value & 1n) === 1n)];
    const chosen = values[values.length > 1 ? choose(values.length) : 0];
    builtAt = Math.max(builtAt, chosen?.from ?? 0);
    lastUntil = chosen?.until ?? NOW;
    descriptor = chosen?.value ?? 0n;
    return chosen?.value;
  };
  const lookup = lookupOf(setting, choose, since, () => {});
  const tables: TableLookup | undefined =
    stage2 === null
      ? undefined
      : { translate: (table) => lookup.translate(stage2, table, tableFetch), knows: () => false };
  const leaf = walkStage1(context, access, tables, readAny, rules);
  // What is kept is tagged by what it says itself; what is there now serves whoever walks.
  const isGlobal = (descriptor & NOT_GLOBAL) === 0n;
  if (whose === 'global' ? !isGlobal : isGlobal && lastUntil !== NOW) return 'impossible';
  // What is no longer there is known from a cache: flushed leaves are gone, and faults were never in one.
  if (lastUntil !== NOW && lastUntil <= leafSince) return 'impossible';
  if (leaf.kind === 'fault') return lastUntil !== NOW && leaf.name !== 'F_PERMISSION' ? 'impossible' : leaf;
  const ipa = addressIn(leaf, access.address);
  return stage2 === null
    ? { kind: 'translation', address: ipa }
    : throughStage2(setting, configuration, access, ipa, builtAt, choose);
}

/** The output of stage 1 through stage 2, for an entry that was built no earlier than `since`. */
function throughStage2(
  setting: Setting,
  { stage2 }: Translating,
  { write, instruction, privileged }: Access,
  ipa: bigint,
  since: number,
  choose: Choose,
): End {
  if (stage2 === null) return { kind: 'translation', address: ipa };
  const request = { class: 'IN', write, instruction, privileged } as const;
  const options = stage2Options(setting, stage2, ipa, request, since);
  const result = options[options.length > 1 ? choose(options.length) : 0]?.result;
  if (result === undefined) return 'impossible';
  return result.kind === 'leaf' ? { kind: 'translation', address: addressIn(result, ipa) } : result;
}

function walkStage2Only(setting: Setting, configuration: Translating, access: Access, choose: Choose): End {
  const { implementation, read, rules } = setting;
  const present = walk(
    configuration,
    access,
    implementation,
    read,
    rules,
    lookupOf(setting, choose, NOW, () => {}),
  );
  if (present.kind === 'fault' && present.stage === 1) return present;
  return throughStage2(setting, configuration, access, access.address, NOW, choose);
}

/** A translation of a stage-1 domain of the host whose mapping is gone; null: another way. */
function formerTranslation(
  setting: Setting,
  { stage1 }: Translating,
  { address, write }: Access,
  since: number,
  choose: Choose,
): End | null {
  const table = stage1?.lower?.table;
  if (stage1 === null || table === undefined || structureAt(table) === null) return null;
  const leaves: Leaf[] = [];
  for (const gone of formerAreas(setting.history, table, address)) {
    if (gone.until <= since) break;
    const leaf = formerLeaf(setting, gone, address);
    // Stage 1 cannot forbid reads.
    if (leaf !== null && (!write || leaf.write)) leaves.push(leaf);
  }
  const leaf = leaves[leaves.length > 0 ? choose(leaves.length + 1) : leaves.length];
  if (leaf === undefined) return null;
  return { kind: 'translation', address: leaf.output | (address & lowMask(leaf.shift)) };
}
