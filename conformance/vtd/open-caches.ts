import {
  firstStageOf,
  legacyConfiguration,
  scalableConfiguration,
  secondStageOf,
  type VtdConfiguration,
} from '../../model/vtd/architecture/configuration.ts';
import { fetchContext, rootTableOf } from '../../model/vtd/architecture/context.ts';
import { addressIn, type VtdLeaf } from '../../model/vtd/architecture/leaf.ts';
import {
  type VtdOutcome,
  type VtdRequest,
  vtdFault,
  WalkMemory,
} from '../../model/vtd/architecture/outcome.ts';
import { fetchPasidEntry } from '../../model/vtd/architecture/pasid-table.ts';
import type { VtdArchitectureRules } from '../../model/vtd/architecture/rules.ts';
import { reported, translateServed, translateVtd } from '../../model/vtd/architecture/translate.ts';
import type { VtdUnit } from '../../model/vtd/architecture/unit.ts';
import { walkVtd } from '../../model/vtd/architecture/walk.ts';
import { rawPasidEntry } from '../../model/vtd/qemu/entries.ts';
import { decode } from '../../spec/bits.ts';
import { legacyContext, pasidEntry } from '../../spec/vtd/entries.ts';
import type { Covered, Invalidation } from './invalidation.ts';
import type { RecordedMemory } from './memory.ts';

/** A configuration that served a device at some time, and under what caches had it. */
interface Past {
  /** The words that say so. */
  readonly key: string;
  readonly sourceId: number;
  /** When they were there, ascending. */
  readonly times: readonly number[];
  readonly configuration: VtdConfiguration;
  readonly fpd: boolean;
}

/** A device's context entry at a time, if it was present and legal, and what it led to. */
interface Served {
  readonly context: readonly bigint[] | null;
  readonly entry: Past | null;
}

const UNSERVED: Served = Object.freeze({ context: null, entry: null });

/**
 * Everything that may become of requests by the architecture, where caches may hold anything that was valid since an
 * invalidation last covered it. Requests have no PASID here.
 */
export class OpenCaches {
  readonly #unit: VtdUnit;
  readonly #sourceIds: readonly number[];
  readonly #memory: RecordedMemory;
  readonly #invalidations: { readonly time: number; readonly covers: Invalidation }[] = [];
  readonly #served = new WeakMap<VtdArchitectureRules, Map<string, Served>>();
  #rootTable = 0n;
  #enabled = false;
  /** When the root table was set: that empties every cache (CAP_REG.ESRTPS). */
  #since = 0;

  constructor(unit: VtdUnit, sourceIds: readonly number[], memory: RecordedMemory) {
    this.#unit = unit;
    this.#sourceIds = sourceIds;
    this.#memory = memory;
  }

  setRegisters(rootTable: bigint | null, enabled: boolean): void {
    this.#memory.tick();
    this.#enabled = enabled;
    if (rootTable === null) return;
    this.#rootTable = rootTable;
    this.#since = this.#memory.now;
  }

  /** A null one covers nothing. */
  invalidate(covers: Invalidation | null): void {
    this.#memory.tick();
    if (covers !== null) this.#invalidations.push({ time: this.#memory.now, covers });
  }

  /** What comes of a request if nothing is cached. */
  cold(request: VtdRequest, rules: VtdArchitectureRules): VtdOutcome {
    const registers = { enabled: this.#enabled, rootTable: this.#rootTable };
    return translateVtd(this.#unit, registers, request, this.#memory.read, rules);
  }

  /** Whether an outcome that may come of a request is one of those asked for. */
  some(request: VtdRequest, rules: VtdArchitectureRules, asked: (outcome: VtdOutcome) => boolean): boolean {
    const cold = this.cold(request, rules);
    if (asked(cold)) return true;
    if (!this.#enabled || cold.kind === 'interrupt') return false;
    for (const outcome of this.#others(request, rules)) if (asked(outcome)) return true;
    return false;
  }

  *#others(request: VtdRequest, rules: VtdArchitectureRules): Generator<VtdOutcome> {
    const past = this.#past(rules);
    const usable = this.#usable(request.sourceId, past, rules);
    for (const { configuration, fpd } of usable) {
      const served = { kind: 'served', configuration, fpd, privileged: false, pasid: 0 } as const;
      const memory = new WalkMemory(this.#memory.read);
      yield translateServed(this.#unit, this.#isScalable(rules), served, request, memory, rules);
    }
    const domains = new Set(usable.map(({ configuration }) => configuration.domainId));
    for (const each of past) {
      const own = each.sourceId === request.sourceId;
      if (each.configuration.kind === 'passThrough') {
        if (own && !rules.passThroughCanBeInvalidated) yield reaches(request.address);
      } else if (rules.hitsGoByDomain ? domains.has(each.configuration.domainId) : own) {
        yield* this.#hits(each, request, rules);
      }
    }
  }

  #isScalable(rules: VtdArchitectureRules): boolean {
    return rootTableOf(this.#unit, this.#rootTable, rules).mode === 'scalable';
  }

  #times(): readonly number[] {
    return [this.#since, ...this.#memory.changes.filter((time) => time > this.#since)];
  }

  #survives(time: number, covered: Covered, until = this.#memory.now): boolean {
    return !this.#invalidations.some(
      (each) => each.time > time && each.time <= until && each.covers(covered),
    );
  }

  /** Whether a device may have used a configuration at a time: it was there, or had been and could be cached. */
  #wasUsable({ sourceId, times, configuration }: Past, time: number, rules: VtdArchitectureRules): boolean {
    const latest = times.findLast((each) => each <= time);
    if (latest === undefined) return false;
    const { domainId } = configuration;
    const covered: Covered = this.#isScalable(rules)
      ? { cache: 'pasid', domainId, pasid: 0 }
      : { cache: 'context', sourceId, domainId };
    return this.#survives(latest, covered, time);
  }

  /** Context entries that may be cached. */
  #contexts(sourceId: number, rules: VtdArchitectureRules): readonly (readonly bigint[])[] {
    const root = rootTableOf(this.#unit, this.#rootTable, rules);
    if (root.mode !== 'legacy' && root.mode !== 'scalable') return [];
    const found = new Map<string, readonly bigint[]>();
    for (const time of this.#times()) {
      const { context } = this.#servedAt(sourceId, time, rules);
      if (context === null) continue;
      const domainId = root.mode === 'legacy' ? decode(legacyContext, context).DID : null;
      if (this.#survives(time, { cache: 'context', sourceId, domainId })) found.set(context.join(), context);
    }
    return [...found.values()];
  }

  /** What a device's entries were at a time, which never changes. */
  #servedAt(sourceId: number, time: number, rules: VtdArchitectureRules): Served {
    const known = this.#served.get(rules) ?? new Map<string, Served>();
    this.#served.set(rules, known);
    const key = `${sourceId}.${time}`;
    let served = known.get(key);
    if (served === undefined) {
      served = this.#fetch(sourceId, time, rules);
      known.set(key, served);
    }
    return served;
  }

  #fetch(sourceId: number, time: number, rules: VtdArchitectureRules): Served {
    const root = rootTableOf(this.#unit, this.#rootTable, rules);
    if (root.mode !== 'legacy' && root.mode !== 'scalable') return UNSERVED;
    const memory = this.#at(time);
    const context = fetchContext(this.#unit, root, sourceId, memory, rules);
    if ('kind' in context) return UNSERVED;
    const entry = root.mode === 'legacy' ? null : fetchPasidEntry(this.#unit, context, 0, memory, rules);
    if (entry?.kind === 'fault') return { context, entry: null };
    const words = entry?.words ?? context;
    const configuration = entry === null ? legacyConfiguration(context) : scalableConfiguration(words);
    const fpd = entry?.fpd ?? decode(legacyContext, context).FPD === 1;
    return { context, entry: { key: words.join(), sourceId, times: [time], configuration, fpd } };
  }

  #at(time: number): WalkMemory {
    return new WalkMemory((address) => this.#memory.readAt(address, time));
  }

  /** What entries that may be cached, or are there now, make of a device's requests. */
  #usable(
    sourceId: number,
    past: readonly Past[],
    rules: VtdArchitectureRules,
  ): readonly { readonly configuration: VtdConfiguration; readonly fpd: boolean }[] {
    const contexts = this.#contexts(sourceId, rules);
    if (!this.#isScalable(rules))
      return contexts.map((context) => ({
        configuration: legacyConfiguration(context),
        fpd: decode(legacyContext, context).FPD === 1,
      }));
    const now = this.#at(this.#memory.now);
    const usable: { readonly configuration: VtdConfiguration; readonly fpd: boolean }[] = [];
    for (const context of contexts) {
      const entry = fetchPasidEntry(this.#unit, context, 0, now, rules);
      if (entry.kind === 'entry')
        usable.push({ configuration: scalableConfiguration(entry.words), fpd: entry.fpd });
      if (rules.cachedContextChecksPresence) continue;
      const { words, fpd } = rawPasidEntry(context, now);
      const { DID: domainId } = decode(pasidEntry, words);
      const configuration: VtdConfiguration = this.#unit.firstStage
        ? { kind: 'first', domainId, first: firstStageOf(words) }
        : { kind: 'second', domainId, second: secondStageOf(words) };
      usable.push({ configuration, fpd });
    }
    if (contexts.length > 0) {
      for (const each of past) {
        if (each.sourceId === sourceId && this.#wasUsable(each, this.#memory.now, rules))
          usable.push({ configuration: each.configuration, fpd: each.fpd });
      }
    }
    return usable;
  }

  /** Every configuration that has served a device since the root table was set. */
  #past(rules: VtdArchitectureRules): readonly Past[] {
    const past: Past[] = [];
    for (const sourceId of this.#sourceIds) {
      const found = new Map<string, Past & { readonly times: number[] }>();
      for (const time of this.#times()) {
        const { entry } = this.#servedAt(sourceId, time, rules);
        if (entry === null) continue;
        const known = found.get(entry.key);
        if (known === undefined) found.set(entry.key, { ...entry, times: [time] });
        else known.times.push(time);
      }
      past.push(...found.values());
    }
    return past;
  }

  /** Translations that the IOTLB may hold, and what a hit does. */
  *#hits(past: Past, request: VtdRequest, rules: VtdArchitectureRules): Generator<VtdOutcome> {
    const seen = new Set<string>();
    const { configuration } = past;
    const { domainId } = configuration;
    const firstStage = configuration.kind !== 'second';
    for (const time of this.#times()) {
      if (!this.#wasUsable(past, time, rules)) continue;
      const leaf = this.#leafAt(past, request.address, time, rules);
      if (leaf === null) continue;
      const page = request.address >> 12n;
      if (!this.#survives(time, { cache: 'iotlb', domainId, pasid: 0, firstStage, page, shift: leaf.shift }))
        continue;
      const key = `${leaf.output}.${leaf.shift}.${leaf.read}.${leaf.write}`;
      if (seen.has(key)) continue;
      seen.add(key);
      yield this.#hit(leaf, past, request, rules);
    }
  }

  /** The page that tables gave for an address at a time, to a read or, where that is refused, to a write. */
  #leafAt(
    { configuration, sourceId }: Past,
    address: bigint,
    time: number,
    rules: VtdArchitectureRules,
  ): VtdLeaf | null {
    for (const write of [false, true]) {
      const asked = { sourceId, address, write };
      const found = walkVtd(this.#unit, configuration, asked, false, this.#at(time), rules);
      if (found.kind === 'translation') return found.leaf;
    }
    return null;
  }

  #hit(
    leaf: VtdLeaf,
    { configuration, fpd }: Past,
    request: VtdRequest,
    rules: VtdArchitectureRules,
  ): VtdOutcome {
    if (request.write ? leaf.write : leaf.read) return reaches(addressIn(leaf, request.address));
    if (!rules.hitWithoutPermissionFaults) return { kind: 'silent' };
    const condition =
      configuration.kind !== 'second' ? 'firstWrite' : request.write ? 'secondWrite' : 'secondRead';
    const memory = new WalkMemory(this.#memory.read);
    return reported(this.#unit, this.#isScalable(rules), vtdFault(condition, fpd), memory, [], rules);
  }
}

function reaches(address: bigint): VtdOutcome {
  return { kind: 'translated', address, updates: [] };
}
