import type { Override } from '../../model/rules.ts';
import type { Unmodelled } from '../../model/smmu/architecture/outcome.ts';
import type { SmmuArchitectureRules } from '../../model/smmu/architecture/rules.ts';
import type { Budget } from '../../model/smmu/permitted/choices.ts';
import { withDeviations } from '../../overrides/deviations/smmu-qemu-11.ts';
import { explain } from '../explain.ts';
import { type Parted, partedAccess, partedRead } from './difference.ts';
import { OpenCaches } from './open-caches.ts';
import { RecordedMemory } from './recorded-memory.ts';
import type { Episode, SequenceFile, Step, StepOf } from './sequence-file.ts';
import { SmmuMachine } from './smmu-machine.ts';
import { recordedTransfer, showsTransfer, type Transfer, transfer } from './transfer.ts';

/** What came of a step that carries an answer. */
export type Verdict =
  | { readonly kind: 'agrees' }
  | { readonly kind: 'skipped'; readonly reason: string }
  /** `needed`: the deviations that explain it; undefined: nothing does. */
  | { readonly kind: 'parts'; readonly needed: readonly Override[] | undefined; readonly how: () => Parted };

const AGREES: Verdict = { kind: 'agrees' };

/** The answer of a machine: to a read of a register, or to an access. */
type Answer =
  | { readonly of: 'read'; readonly value: bigint; readonly meant: bigint }
  | { readonly of: 'access'; readonly shown: Transfer | { readonly unmodelled: Unmodelled } };

/** A machine that has followed an episode up to some step. */
class Track {
  readonly memory: RecordedMemory;
  readonly machine: SmmuMachine;
  readonly #steps: readonly Step[];
  #next = 0;
  #last: Answer | null = null;

  constructor(
    file: SequenceFile,
    episode: Episode,
    rules: SmmuArchitectureRules,
    executed?: (words: readonly bigint[]) => void,
  ) {
    this.#steps = episode.steps;
    this.memory = new RecordedMemory(file, episode.memory);
    this.machine = new SmmuMachine(file, episode, this.memory, rules, executed);
  }

  /** The answer to a step, which no later one was asked for. */
  at(number: number): Answer | null {
    for (; this.#next <= number; this.#next++) {
      const step = this.#steps[this.#next];
      this.#last = step === undefined ? null : this.#take(step);
    }
    return this.#last;
  }

  #take(step: Step): Answer | null {
    const { machine } = this;
    switch (step.op) {
      case 'store':
        this.memory.write(step.address, step.words);
        return null;
      case 'write':
        machine.write(step.register, step.value);
        return null;
      case 'commands':
        machine.queue(step.commands);
        return null;
      case 'take':
        machine.take();
        return null;
      case 'read':
        return { of: 'read', value: machine.read(step.register), meant: machine.meant(step.register) };
      case 'access':
        return { of: 'access', shown: transfer(machine, step, this.memory) };
    }
  }
}

/** Whether an answer is the recorded one. */
function agrees(step: Step, answer: Answer | null): boolean {
  if (step.op === 'read' && answer?.of === 'read')
    return ((step.value ^ answer.value) & (step.mask ?? -1n) & answer.meant) === 0n;
  if (step.op !== 'access' || answer?.of !== 'access' || 'unmodelled' in answer.shown) return false;
  return showsTransfer(answer.shown, recordedTransfer(step));
}

/** Follows an episode under some rules. `waysLeft`: caches are open, and so many ways may be tried; null: they are the emulation's. */
export class EpisodeReplay {
  readonly #file: SequenceFile;
  readonly #episode: Episode;
  readonly #deviations: readonly Override[];
  readonly #own: Track;
  /** Null: the caches are those of the emulation. */
  readonly #open: OpenCaches | null;
  readonly #others = new Map<string, Track>();

  constructor(
    file: SequenceFile,
    episode: Episode,
    rules: SmmuArchitectureRules,
    deviations: readonly Override[],
    waysLeft: Budget | null,
  ) {
    this.#file = file;
    this.#episode = episode;
    this.#deviations = deviations;
    let open: OpenCaches | null = null;
    this.#own = new Track(file, episode, rules, (words) => open?.executed(words, this.#own.machine));
    if (waysLeft !== null) {
      const streams = episode.steps.flatMap((step) => (step.op === 'access' ? [step.streamId] : []));
      open = new OpenCaches(this.#own.memory, [...new Set(streams)], waysLeft);
      open.settle(this.#own.machine);
    }
    this.#open = open;
  }

  /** Null: the step carries no answer. */
  step(number: number): Verdict | null {
    const step = this.#episode.steps[number] as Step;
    if (step.op === 'store') this.#noteStores(step);
    const { eventQueue } = this.#own.machine.smmu;
    const answer = this.#own.at(number);
    this.#open?.settle(this.#own.machine);
    if (answer === null) return null;
    if (answer.of === 'access' && 'unmodelled' in answer.shown)
      return { kind: 'skipped', reason: answer.shown.unmodelled };
    if (agrees(step, answer)) return AGREES;
    if (step.op === 'access') {
      const permitted = this.#open?.permits(this.#own.machine, step, recordedTransfer(step)) ?? false;
      if (permitted === 'unknown')
        return { kind: 'skipped', reason: 'too many ways in which caches may serve it' };
      if (permitted) {
        const records = step.events.map((record) => record.map((word) => word ?? 0n));
        this.#own.machine.recorded(eventQueue.prod, records);
        return AGREES;
      }
    }
    const needed = explain(this.#deviations, (chosen) => agrees(step, this.#trackWith(chosen).at(number)));
    return { kind: 'parts', needed, how: () => parted(step, answer) };
  }

  #noteStores({ address, words }: StepOf<'store'>): void {
    for (const [at, word] of words.entries()) this.#open?.stores(address + 8n * BigInt(at), word);
  }

  #trackWith(chosen: readonly Override[]): Track {
    const key = chosen.map(({ name }) => name).join();
    let track = this.#others.get(key);
    if (track === undefined) {
      track = new Track(this.#file, this.#episode, withDeviations(chosen));
      this.#others.set(key, track);
    }
    return track;
  }
}

function parted(step: Step, answer: Answer): Parted {
  if (step.op === 'read' && answer.of === 'read') return partedRead(step, answer.value);
  const { shown } = answer as Extract<Answer, { of: 'access' }>;
  return partedAccess(
    step as StepOf<'access'>,
    shown as Transfer,
    recordedTransfer(step as StepOf<'access'>),
  );
}
