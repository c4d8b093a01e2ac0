import type { Platform } from '../../model/platform/platform.ts';
import type { Override } from '../../model/rules.ts';
import type { Command } from '../../model/world/command.ts';
import { CONTAINER_DESIGNS } from '../../overrides/designs/kernel.ts';
import { linux72 } from '../../overrides/deviations/linux-7.2.ts';
import { smmuQemu11Deviations } from '../../overrides/deviations/smmu-qemu-11.ts';
import { InputError, LineError } from '../input-error.ts';
import { CommandLines, type Keep, type KeptCommand } from '../kept.ts';
import { recordedLines } from '../recorded-lines.ts';
import { answersOf } from '../recorder/order.ts';
import { eventsOf, type Reads } from '../recorder/queues.ts';
import { type Told, Translator } from '../recorder/translator.ts';
import { SaidCommands } from '../recorder/vmm-logs.ts';
import { type FileReport, NO_DISAGREEMENTS } from '../report.ts';
import { answered } from './answer.ts';
import { type Description, describe } from './description.ts';
import type { Ask } from './follower.ts';
import { answeredLegacy, closingAll, legacyOf } from './legacy-lines.ts';
import { type Line, type LineOf, parseLine } from './lines.ts';
import { isDescribed, isInBar, loadOf, msiOf, storeOf, transferOf } from './machine-lines.ts';
import { machinesOf } from './machines.ts';
import { type Cdevs, commandOf } from './process.ts';
import { stepSystem } from './system.ts';
import { endsFor, orderFor } from './together.ts';
import { type KnownDeviations, Tracker, type Verdict } from './tracker.ts';
import { REGISTERS, Unmodelled } from './unmodelled.ts';

/** Why lines of a kind have no answer to compare. */
const WITHOUT_ANSWER: { readonly [E in Line['ev']]?: string } = {
  meta: 'note',
  said: 'what the VMM says of its guest',
  setup: 'note',
  dma: 'note',
  mem: 'note',
  mmap: 'mapping of the process',
  munmap: 'mapping of the process',
  mprotect: 'mapping of the process',
  store: 'store',
  transfer: 'transfer',
  exit: 'end of a process',
  execve: 'another program',
};

/** What came of a line: a comparison, or why there was none. */
type Outcome = Verdict;

/** A machine that a recording may be of, as far as its lines have been followed. */
export interface Contender {
  readonly machine: string;
  readonly tracker: Tracker;
  readonly unmodelled: Unmodelled;
  /** The section of the last container call. */
  readonly sections: { last: string | null };
}

/**
 * Replays a recording of the real system's answers, as a stream: kernel, memory, pSMMUs and devices. All machines that it may
 * have been taken on are followed until the answers tell them apart. With QEMU's pSMMUs every answer is determined; with the
 * architecture's an answer agrees if the caches permit it.
 */
export async function replayRecording(
  path: string,
  design: readonly Override[],
  keep: Keep | null = null,
): Promise<FileReport> {
  const description = await describe(path);
  const skipped: Record<string, number> = {};
  const skip = (reason: string): void => {
    skipped[reason] = (skipped[reason] ?? 0) + 1;
  };
  const translator = new Translator();
  const replay = new Replay(description, path, design, keep !== null);
  const said = new SaidCommands();
  let events = 0;
  let before: Line | null = null;
  for await (const { number, line } of recordedLines(path, null, parseLine)) {
    events++;
    const sharesNumber = line !== null && line.seq === before?.seq;
    before = line;
    if (line === null) skip('a last line that was not written to its end');
    else if (line.ev === 'meta' || line.ev === 'setup') skip('note');
    else if (description.setups.length === 0) skip(NO_SETUP);
    else {
      if (line.ev === 'said') said.note(line.text, number);
      const told = translator.tell(line);
      if ('skipped' in told) skip(told.skipped);
      else
        for (const each of told)
          replay.take(sharesNumber ? { ...each, sharesNumber } : each, number, line.flight ?? 0, skip);
    }
  }
  if (description.setups.length === 0 && events > 0) return unknown(path, events, skipped);
  const { machine, tracker } = replay.end(skip);
  const keeper = keep?.({ platform: tracker.platform, rules: tracker.realRules, said });
  for (const kept of replay.commands()) keeper?.take(kept);
  keeper?.end();
  const permitted = tracker.permitted.report();
  return {
    file: path,
    events,
    checked: tracker.checked,
    agreed: tracker.agreed,
    skipped,
    deviations: Object.fromEntries([...tracker.deviations].sort()),
    first: tracker.first,
    disagreements: tracker.kinds.report(),
    machine,
    ...(description.kernel === null ? {} : { kernel: description.kernel }),
    ...(permitted === null ? {} : { permitted }),
  };
}

/** All machines that a recording may be of, line by line. */
class Replay {
  readonly #start: () => readonly Contender[];
  readonly #cdevs: Cdevs;
  readonly #path: string;
  readonly #lines: CommandLines | null;
  readonly #reads: Reads;
  #contenders: readonly Contender[] = [];
  /** Calls on which the kernel worked at the same time, until it is done with all of them. */
  #together: { readonly told: Told; readonly number: number }[] = [];

  constructor(description: Description, path: string, design: readonly Override[], keeps: boolean) {
    this.#start = () => start(description, path, design, keeps);
    this.#cdevs = new Map(description.setups.map(({ cdev, bdf }) => [cdev ?? '', bdf]));
    this.#path = path;
    this.#reads = description.reads;
    this.#lines = keeps ? new CommandLines() : null;
  }

  take(told: Told, number: number, flight: number, skip: (reason: string) => void): void {
    if (this.#contenders.length === 0) this.#contenders = this.#start();
    if (flight === 0 && this.#together.length === 0) {
      this.#follow(told, number, skip);
      return;
    }
    this.#together.push({ told, number });
    if (flight === 0 || this.#together.length >= MOST_TOGETHER) this.#followTogether(skip);
  }

  end(skip: (reason: string) => void): Contender {
    if (this.#contenders.length === 0) this.#contenders = this.#start();
    this.#followTogether(skip);
    return this.#contenders[0] as Contender;
  }

  /** The calls of the machine that fits best, with their lines. */
  commands(): readonly KeptCommand[] {
    const [first] = this.#contenders;
    return first === undefined || this.#lines === null ? [] : this.#lines.of(first.tracker.system);
  }

  #followTogether(skip: (reason: string) => void): void {
    const together = this.#together;
    this.#together = [];
    const [first] = this.#contenders;
    if (first === undefined) return;
    const numbers = new Map(together.map(({ told, number }) => [told, number]));
    const calls = together.map(({ told }) => told);
    const order = orderFor(calls, first.tracker, this.#cdevs);
    if (order.inParts && this.#followInParts(calls, numbers)) return;
    const marks = new Map(this.#contenders.map(({ tracker }) => [tracker, tracker.mark()]));
    for (const told of order.calls) this.#follow(told, numbers.get(told) ?? 0, skip);
    if (!order.explains) return;
    for (const { tracker } of this.#contenders) {
      const mark = marks.get(tracker);
      if (mark !== undefined && calls.length > 1) tracker.widen(mark, endsFor(calls, this.#cdevs));
    }
  }

  /** Calls that come between the parts of others; whether there is a machine that explains them. */
  #followInParts(calls: readonly Told[], numbers: ReadonlyMap<Told, number>): boolean {
    const fitting = this.#contenders.filter(
      ({ tracker }) => tracker.followTogether(answersOf(calls), endsFor(calls, this.#cdevs)) !== null,
    );
    if (fitting.length === 0) return false;
    const last = Math.max(...numbers.values());
    for (const { tracker } of fitting) this.#lines?.note(tracker.system, last);
    this.#contenders = fitting;
    return true;
  }

  #follow(told: Told, number: number, skip: (reason: string) => void): void {
    const outcomes = this.#contenders.map((each) => {
      each.tracker.actor = told.actor;
      for (const event of eventsOf(told, number, each.tracker.system.world, this.#reads))
        each.tracker.followCall(event);
      return advance(each, told.line, number, this.#cdevs, this.#path, unjudged(told));
    });
    for (const { tracker } of this.#contenders) this.#lines?.note(tracker.system, number);
    const [first] = outcomes;
    if (typeof first === 'object' && told.isInferred !== true) skip(first.skipped);
    const fitting = this.#contenders.filter((_, index) => outcomes[index] !== 'disagreed');
    if (fitting.length > 0) this.#contenders = fitting;
  }
}

/** More calls at a time than any VMM has threads. */
const MOST_TOGETHER = 64;

/** Nothing can be said of a machine that the recording does not describe. */
const NO_SETUP = 'no "setup" line names the devices';

function unknown(file: string, events: number, skipped: FileReport['skipped']): FileReport {
  return {
    file,
    events,
    checked: 0,
    agreed: 0,
    skipped,
    deviations: {},
    first: null,
    disagreements: NO_DISAGREEMENTS,
    machine: `unknown: ${NO_SETUP}`,
  };
}

function start(
  description: Description,
  path: string,
  design: readonly Override[],
  keeps: boolean,
): readonly Contender[] {
  const cdevs = description.setups.map(({ cdev }) => cdev ?? '');
  return machinesOf(description, path).map(({ name, platform }) =>
    contender(name, new Tracker(platform, design, KNOWN, { complete: description.complete, keeps }), cdevs),
  );
}

/** Nothing of it has been followed yet; `cdevs`: the paths of its devices. */
export function contender(machine: string, tracker: Tracker, cdevs: readonly string[]): Contender {
  return {
    machine,
    tracker,
    unmodelled: new Unmodelled(new Set(cdevs)),
    sections: { last: null },
  };
}

/** What is known of the recorded systems. */
export const KNOWN: KnownDeviations = {
  kernel: [...linux72, CONTAINER_DESIGNS['containers-of-7-2']],
  smmu: smmuQemu11Deviations,
};

/** A recorder numbers its lines. Of those that have the same number nobody knows which came first. */
const SHARED_NUMBER = 'a line with the sequence number of the line before it';

/** Why what a line answers is not compared, though it is followed. */
function unjudged({ isInferred, sharesNumber }: Told): string | null {
  if (isInferred === true) return 'inferred';
  return sharesNumber === true ? SHARED_NUMBER : null;
}

/** One line: what follows from it, and how its answer compares, unless there is a reason why it is not. */
export function advance(
  contender: Contender,
  line: Line,
  number: number,
  cdevs: Cdevs,
  path: string,
  unjudged: string | null = null,
): Outcome {
  const { tracker, unmodelled } = contender;
  const { actor } = tracker;
  if (line.ev === 'legacy') return advanceLegacy(contender, line, number, unjudged);
  const unknown = unmodelled.skip(line, tracker.system, actor);
  if (unknown !== null) {
    if (unknown.opens !== undefined)
      tracker.followCall({ actor, command: 'openFile', args: { of: 'plain', size: 0n } });
    return { skipped: unknown.reason };
  }
  if (line.ev === 'store' || line.ev === 'load') {
    if (isInBar(line, tracker.system, actor)) return { skipped: REGISTERS };
    if (!isDescribed(line, tracker.system))
      throw new InputError(path, number, `"va": no memory of the process at ${line.va}`);
  }
  if (line.ev === 'poll' && line.pid !== undefined) return { skipped: 'poll: events come when they come' };
  if (line.ev === 'store') tracker.followStore(storeOf(line));
  if (line.ev === 'transfer') tracker.followDma(transferOf(line, path, number));
  const command = commandAt(path, number, () => commandOf(line, actor, cdevs, tracker.system.world));
  const reason = WITHOUT_ANSWER[line.ev] ?? unjudged;
  if (reason !== null) {
    if (command !== null) tracker.followCall(command);
    return { skipped: reason };
  }
  if (line.ev === 'msi') return tracker.compare(line, number, msiOf(line, path, number), null);
  if (line.ev === 'load') return tracker.compare(line, number, loadOf(line), null);
  if (command === null) throw new InputError(path, number, `"ev": ${line.ev} is no call`);
  return tracker.compare(line, number, callOf(line, command), command);
}

/** A section of a container recording ends by closing everything, which it does not show. */
function advanceLegacy(
  { tracker, sections }: Contender,
  line: LineOf<'legacy'>,
  number: number,
  unjudged: string | null,
): Outcome {
  if (sections.last !== null && sections.last !== line.section)
    for (const command of closingAll(tracker.system.world, tracker.actor)) tracker.followCall(command);
  sections.last = line.section;
  const command = legacyOf(line, tracker.actor, memoryStart(tracker.system.world.platform));
  if (command === null) return { skipped: 'a call in words' };
  if (unjudged !== null) {
    tracker.followCall(command);
    return { skipped: unjudged };
  }
  return tracker.compare(line, number, callOf(line, command), command);
}

function memoryStart({ userMemory: [region] }: Platform): bigint {
  return region?.start ?? 0n;
}

function callOf(line: Line, command: Command): Ask {
  return (system, rules) => {
    const { system: after, result } = stepSystem(system, command, rules);
    const answer = line.ev === 'legacy' ? answeredLegacy(result) : answered(line, command, result);
    return [{ system: after, answer }];
  };
}

/** What a line asks for. @throws InputError where the line says more than it can. */
function commandAt(path: string, number: number, decode: () => Command | null): Command | null {
  try {
    return decode();
  } catch (error) {
    if (error instanceof LineError) throw new InputError(path, number, error.message);
    throw error;
  }
}
