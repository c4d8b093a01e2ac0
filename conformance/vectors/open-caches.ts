import { dataAccess } from '../../model/smmu/architecture/access.ts';
import type { Outcome } from '../../model/smmu/architecture/outcome.ts';
import { eventWords, report } from '../../model/smmu/architecture/report.ts';
import { fetchSte } from '../../model/smmu/architecture/stream-table.ts';
import type { Budget } from '../../model/smmu/permitted/choices.ts';
import { type History, NO_HISTORY } from '../../model/smmu/permitted/history.ts';
import { permittedOutcomes } from '../../model/smmu/permitted/outcomes.ts';
import type { Setting } from '../../model/smmu/permitted/setting.ts';
import type { Words } from '../../model/world/command.ts';
import { decodeCommand } from '../../spec/smmuv3/command.ts';
import type { RecordedMemory } from './recorded-memory.ts';
import type { StepOf } from './sequence-file.ts';
import type { SmmuMachine } from './smmu-machine.ts';
import { addressAt, sameRecord, seenBytes, type Transfer, transactionBytes } from './transfer.ts';

/** The only SMMU of a recording. */
const SMMU = 0;

/** An access whose ends are more than this is not judged. */
const MOST_WAYS = 20_000;

/** How many in a file are tried in all. */
export const MOST_WAYS_OF_FILE = 500_000;

/** Each way looks through all that was stored: so many words of it cost as much as one more way. */
const WORDS_PER_WAY = 256;

/**
 * Everything that may become of accesses by the architecture, whose caches may hold what was valid at any time since the last
 * completed invalidation that covers it. An invalidation is complete when a CMD_SYNC behind it is.
 */
export class OpenCaches {
  readonly #memory: RecordedMemory;
  readonly #streams: readonly number[];
  /** Shared by all episodes of a file. */
  readonly #left: Budget;
  #stored = 0;
  #history: History = NO_HISTORY;
  #issued: Words[] = [];
  #entries: Readonly<Record<number, Words | null>> = {};

  constructor(memory: RecordedMemory, streams: readonly number[], left: Budget) {
    this.#memory = memory;
    this.#streams = streams;
    this.#left = left;
  }

  /** A word of memory is about to get another value. */
  stores(address: bigint, word: bigint): void {
    const before = this.#memory.read(address);
    if (before === word || before === undefined) return;
    this.#stored++;
    const now = this.#history.now + 1;
    const words = { entry: { until: now, address, before }, older: this.#history.words };
    this.#history = { ...this.#history, now, words };
  }

  /** Memory or registers have changed: the entries of streams that are other ones now may be cached as they were. */
  settle(machine: SmmuMachine): void {
    const now = this.#history.now + 1;
    let { stes } = this.#history;
    const entries: Record<number, Words | null> = {};
    for (const streamId of this.#streams) {
      const before = this.#entries[streamId];
      const fetched = fetch(machine, streamId);
      entries[streamId] = 'kind' in fetched ? null : fetched;
      if (before === undefined || before === null || same(before, entries[streamId] ?? null)) continue;
      stes = { entry: { until: now, smmu: SMMU, streamId, before }, older: stes };
    }
    this.#entries = entries;
    if (stes !== this.#history.stes) this.#history = { ...this.#history, now, stes };
  }

  executed(words: readonly bigint[], machine: SmmuMachine): void {
    const command = decodeCommand(words);
    if (command?.name !== 'SYNC') {
      this.#issued.push(words);
      return;
    }
    const now = this.#history.now + 1;
    const ranges = machine.smmu.implementation.idr3.RIL === 1;
    let { flushes } = this.#history;
    for (const each of this.#issued) {
      const issued = decodeCommand(each);
      if (issued !== undefined)
        flushes = { entry: { at: now, smmu: SMMU, command: issued, ranges }, older: flushes };
    }
    this.#issued = [];
    this.#history = { ...this.#history, now, flushes };
  }

  /** Whether an access may show what was recorded; `unknown`: there are too many ways to tell. */
  permits(machine: SmmuMachine, access: StepOf<'access'>, recorded: Transfer): boolean | 'unknown' {
    if (recorded.ends || !machine.smmu.enabled) return false;
    const cost = 1 + Math.floor(this.#stored / WORDS_PER_WAY);
    const given = Math.floor(Math.min(MOST_WAYS, this.#left.left) / cost);
    const budget: Budget = { left: given };
    const permitted = this.#from(machine, access, recorded, budget, 0, 0);
    this.#left.left -= (given - Math.max(budget.left, 0)) * cost;
    return permitted || budget.left >= 0 ? permitted : 'unknown';
  }

  /** Whether the bytes from one on may show what is left of the records. */
  #from(
    machine: SmmuMachine,
    access: StepOf<'access'>,
    recorded: Transfer,
    budget: Budget,
    done: number,
    records: number,
  ): boolean {
    if (done >= access.length) return records === recorded.events.length;
    const iova = addressAt(access, done);
    return this.#outcomes(machine, access, iova, budget).some((outcome) => {
      const refused = outcome.kind !== 'translated';
      const bytes = transactionBytes(machine, iova, access.length - done, refused);
      const seen = seenBytes({ outcome, event: undefined }, bytes, this.#memory);
      if (!seen.every((byte, at) => byte === recorded.bytes[done + at])) return false;
      const writes = outcome.kind === 'fault' && machine.smmu.eventsEnabled;
      if (writes) {
        const record = machine.rules.queuedEvent(eventWords(outcome.event, machine.rules));
        if (!sameRecord(record, recorded.events[records])) return false;
      }
      return this.#from(machine, access, recorded, budget, done + bytes, records + (writes ? 1 : 0));
    });
  }

  #outcomes(
    machine: SmmuMachine,
    { streamId, write }: StepOf<'access'>,
    iova: bigint,
    budget: Budget,
  ): readonly Outcome[] {
    const access = dataAccess(streamId, iova, write ? 'write' : 'read');
    const setting: Setting = {
      smmu: SMMU,
      implementation: machine.smmu.implementation,
      history: this.#history,
      read: machine.reach,
      streamTable: this.#entries,
      rules: machine.rules,
      budget,
      pageOf: () => null,
    };
    const outcomes = permittedOutcomes(setting, access);
    const fetched = fetch(machine, streamId);
    if (!('kind' in fetched)) return outcomes;
    return [...outcomes, report(fetched, access, 'configuration', machine.rules)];
  }
}

function fetch({ smmu, rules, reach }: SmmuMachine, streamId: number): ReturnType<typeof fetchSte> {
  if (smmu.stes.kind !== 'memory') return [];
  const records = rules.recordsBadStreamId(smmu.recordsBadStreamIds);
  return fetchSte(smmu.stes.table, smmu.implementation.idr1.SIDSIZE, records, streamId, reach, rules);
}

function same(one: Words, other: Words | null): boolean {
  return other !== null && one.every((word, at) => word === other[at]);
}
