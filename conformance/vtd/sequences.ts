import type { VtdOutcome, VtdRequest } from '../../model/vtd/architecture/outcome.ts';
import type { VtdArchitectureRules } from '../../model/vtd/architecture/rules.ts';
import type { VtdUnit } from '../../model/vtd/architecture/unit.ts';
import { FAULT, type FaultRegisters, IQE } from '../../model/vtd/emulated/registers.ts';
import {
  invalidateByDescriptor,
  setVtdRegisters,
  writeContextCommand,
  writeIotlbCommand,
} from '../../model/vtd/qemu/invalidate.ts';
import { translateQemuVtd } from '../../model/vtd/qemu/translate.ts';
import { type QemuVtd, qemuVtd } from '../../model/vtd/qemu/unit.ts';
import { type VtdDeviation, withVtdDeviations } from '../../overrides/deviations/vtd-qemu-11/index.ts';
import { decode } from '../../spec/bits.ts';
import { globalStatus } from '../../spec/vtd/registers.ts';
import { explain } from '../explain.ts';
import { invalidationOf, invalidationsOf, registerWrites } from './invalidation.ts';
import { RecordedMemory } from './memory.ts';
import { NO_FAULT, type Observed, shows } from './observe.ts';
import { OpenCaches } from './open-caches.ts';
import { disagreementAt, VtdTally } from './report.ts';
import { requestOf, unitOf } from './vectors.ts';
import type { VtdEpisode, VtdSequences, VtdStep } from './vtd-file.ts';

type StepOf<Op extends VtdStep['op']> = Extract<VtdStep, { op: Op }>;

/** Replays every access of a file whose caches were live, under `rules`. */
export function replayVtdSequences(
  file: VtdSequences,
  rules: VtdArchitectureRules,
  deviations: readonly VtdDeviation[],
): VtdTally {
  const tally = new VtdTally();
  const unit = unitOf(file);
  file.episodes.forEach((episode, index) => {
    const replay = new EpisodeReplay(file, unit, episode, rules, deviations, tally, index);
    for (const [number, step] of episode.steps.entries()) replay.step(step, number);
  });
  return tally;
}

class EpisodeReplay {
  readonly #file: VtdSequences;
  readonly #rules: VtdArchitectureRules;
  readonly #deviations: readonly VtdDeviation[];
  readonly #tally: VtdTally;
  readonly #index: number;
  readonly #memory: RecordedMemory;
  readonly #open: OpenCaches;
  readonly #queued: boolean;
  /** Kept where the caches are known. */
  #qemu: QemuVtd;
  #registers: FaultRegisters = NO_FAULT;

  constructor(
    file: VtdSequences,
    unit: VtdUnit,
    episode: VtdEpisode,
    rules: VtdArchitectureRules,
    deviations: readonly VtdDeviation[],
    tally: VtdTally,
    index: number,
  ) {
    this.#file = file;
    this.#rules = rules;
    this.#deviations = deviations;
    this.#tally = tally;
    this.#index = index;
    this.#memory = new RecordedMemory(file, episode.memory);
    const sourceIds = [...new Set(file.devices.map(({ sid }) => sid))];
    this.#open = new OpenCaches(unit, sourceIds, this.#memory);
    this.#qemu = qemuVtd(unit, sourceIds, { mode: 'legacy', address: 0n }, false);
    this.#queued = decode(globalStatus, [BigInt(episode.registers.GSTS)]).QIES === 1;
    this.#setRegisters(episode.registers.RTADDR, episode.registers.GSTS);
  }

  step(step: VtdStep, number: number): void {
    switch (step.op) {
      case 'store':
        this.#memory.write(step.address, step.value);
        return;
      case 'invalidate':
        this.#invalidate(step);
        return;
      case 'set-root':
        this.#setRegisters(step.RTADDR, step.GSTS);
        return;
      case 'gcmd':
        this.#setRegisters(null, step.GSTS);
        return;
      case 'clear':
        this.#registers = {
          record: [this.#registers.record[0], this.#registers.record[1] & ~FAULT],
          fsts: 0,
        };
        return;
      case 'access':
        this.#access(step, number);
    }
  }

  #setRegisters(rootTable: bigint | null, status: number): void {
    const enabled = decode(globalStatus, [BigInt(status)]).TES === 1;
    this.#open.setRegisters(rootTable, enabled);
    this.#qemu = setVtdRegisters(this.#qemu, rootTable, enabled, this.#memory.read, this.#rules);
  }

  #invalidate(step: StepOf<'invalidate'>): void {
    if (step.descriptor !== undefined) {
      if (!this.#queued) return;
      if (!this.#qemu.queueError) this.#open.invalidate(invalidationOf(step.descriptor));
      this.#qemu = invalidateByDescriptor(this.#qemu, step.descriptor, this.#memory.read, this.#rules);
      if (this.#qemu.queueError) this.#registers = { ...this.#registers, fsts: this.#registers.fsts | IQE };
      return;
    }
    // Registers are not for a unit whose queue is in use.
    if (this.#queued) return;
    const writes = registerWrites(this.#file.registers.ECAP, step.registers ?? []);
    for (const covers of invalidationsOf(writes)) this.#open.invalidate(covers);
    if (writes.context !== null)
      this.#qemu = writeContextCommand(this.#qemu, writes.context, this.#memory.read, this.#rules);
    if (writes.iotlb !== null)
      this.#qemu = writeIotlbCommand(this.#qemu, writes.iotlb, writes.pages, this.#rules);
  }

  #access(step: StepOf<'access'>, number: number): void {
    const request = requestOf(this.#file, step);
    const { pa, value, changed, record, fsts } = step;
    const observed: Observed = { pa, value, changed, registers: { record, fsts } };
    const agrees = (outcome: VtdOutcome): boolean =>
      shows(outcome, request, this.#registers, observed, this.#memory);
    const model = this.#model(request);
    const open = this.#rules.cachesAreOpen;
    if (open ? this.#open.some(request, this.#rules, agrees) : agrees(model)) this.#tally.agree();
    else {
      const where = `episode ${this.#index}, step ${number}`;
      const needed = this.#explain(request, agrees);
      this.#tally.disagree(needed, () =>
        disagreementAt(this.#index + 1, where, request, observed, this.#registers, model),
      );
    }
    for (const [address, word] of changed ?? []) this.#memory.write(address, word);
    this.#registers = observed.registers;
  }

  /** What the unit does; with open caches, what it does if they hold nothing. */
  #model(request: VtdRequest): VtdOutcome {
    if (this.#rules.cachesAreOpen) return this.#open.cold(request, this.#rules);
    const { vtd, outcome } = translateQemuVtd(this.#qemu, request, this.#memory.read, this.#rules);
    this.#qemu = vtd;
    return outcome;
  }

  /** Most accesses meet nothing stale: whether deviations of the walk explain them is cheaper to find out. */
  #explain(
    request: VtdRequest,
    agrees: (outcome: VtdOutcome) => boolean,
  ): readonly VtdDeviation[] | undefined {
    const open = this.#deviations.filter(({ rules }) => rules.vtdArchitecture?.cachesAreOpen === undefined);
    const some = (chosen: readonly VtdDeviation[]) => this.#open.some(request, rulesWith(chosen), agrees);
    if (some([])) return undefined;
    const byWalk = explain(open, (chosen) => agrees(this.#open.cold(request, rulesWith(chosen))));
    return byWalk ?? explain(open, some);
  }
}

const known = new Map<string, VtdArchitectureRules>();

/** The same rules for the same deviations, so that what was found under them is found again. */
function rulesWith(chosen: readonly VtdDeviation[]): VtdArchitectureRules {
  const key = chosen.map(({ name }) => name).join();
  let rules = known.get(key);
  if (rules === undefined) {
    rules = withVtdDeviations(chosen);
    known.set(key, rules);
  }
  return rules;
}
