import type { Rules } from '../../model/rules.ts';
import { entriesOf } from '../../model/smmu/permitted/history.ts';
import type { Command } from '../../model/world/command.ts';
import type { Result } from '../../model/world/result.ts';
import { DEVICE_CALLS } from '../../spec/vfio/device-calls.ts';
import { VFIO_IOCTLS } from '../../spec/vfio/ioctls.ts';
import { InputError } from '../input-error.ts';
import type { KeptCommand } from '../kept.ts';
import { Kinds } from '../kinds.ts';
import { agree } from '../linux/answer.ts';
import type { Observed } from '../linux/observed.ts';
import { type System, withoutPast } from '../linux/system.ts';
import type { Disagreement } from '../report.ts';
import { type Call, type CallLine, compareCall, type Descriptors, modelFd, newFd } from './calls.ts';
import type { Machine } from './command-line.ts';
import type { Act, Happened } from './happened.ts';
import { isBarMapping } from './host.ts';
import { Inputs } from './inputs.ts';
import type { Line, LineOf } from './lines.ts';
import { eventAt, registerOf } from './observe.ts';
import { landedOf } from './transfer.ts';

interface Suspect {
  readonly name: string;
  readonly rules: Rules;
}

/** A place where the recording and the design part. */
export interface Parting extends Disagreement {
  /** The deviation of the recorded system that explains it; null: none does. */
  readonly deviation: string | null;
}

export interface Setting {
  readonly path: string;
  /** Whether the DMA is recorded that events are about. */
  readonly tellsDma: boolean;
  readonly machine: Machine;
  readonly cdevs: ReadonlyMap<string, string>;
  readonly system: System;
  readonly own: Rules;
  readonly real: Rules;
  readonly suspects: readonly Suspect[];
  /** Is told the recorded system behind each line, and which of all lines that is. */
  readonly look: ((system: System, line: number) => void) | null;
  /** Is told each place where recording and design part. */
  readonly part: ((parting: Parting) => void) | null;
  /** Is told what the recorded system does, and the line that tells of it. */
  readonly keep: ((kept: KeptCommand) => void) | null;
}

/** A line that is yet to be followed. */
interface Waiting {
  readonly line: Line;
  readonly number: number;
  /** Whether it was done before its turn. */
  isDone: boolean;
}

/** Between an event and the line of the DMA that it is about: in recordings there are below 20. */
export const MOST_AHEAD = 1000;

/** The ordinary life of a device under VFIO, which is no vSMMU's business: numbers of its ioctls (linux/vfio.h). */
const ORDINARY: ReadonlySet<number> = new Set(
  [
    VFIO_IOCTLS.vfioGetInfo,
    VFIO_IOCTLS.vfioGetRegionInfo,
    VFIO_IOCTLS.vfioGetIrqInfo,
    VFIO_IOCTLS.vfioSetIrqs,
    VFIO_IOCTLS.vfioReset,
    ...Object.values(DEVICE_CALLS),
  ].map(({ nr }) => nr),
);

const DEVICE_LIFE = "the device's regions, interrupts and resets";
const BAR_LIFE = "the device's registers, which the kernel does not map";

/** Two ways in which the system goes on from the same place: as the design says, and as the recorded system is known to. */
export class Follower {
  checked = 0;
  agreed = 0;
  first: Disagreement | null = null;
  readonly kinds = new Kinds();
  readonly skipped = new Map<string, number>();
  readonly deviations = new Map<string, number>();
  events = 0;

  readonly #setting: Setting;
  readonly #inputs: Inputs;
  /** Where the recorded system is, before the last input and after it; and where the design is after it. */
  #before: System;
  #real: System;
  #own: System;
  #last: Act | null = null;
  #realCalls: Call[] = [];
  #ownCalls: Call[] = [];
  #ownResult: Result = { ok: true, out: {} };
  #realResult: Result = { ok: true, out: {} };
  /** The model's descriptors by the recorded ones. */
  readonly #fds = new Map<number, number>();
  /** Lines that wait for what is behind them. */
  readonly #waiting: Waiting[] = [];
  /** Those of them with DMA that is yet to be done. */
  #undone = 0;
  #followed = 0;
  #number = 0;
  #landed: { readonly own: string; readonly real: string } | null = null;
  #events = { vsmmu: 0, at: 0 };

  constructor(setting: Setting) {
    this.#setting = setting;
    this.#inputs = new Inputs(setting.machine);
    this.#before = setting.system;
    this.#real = setting.system;
    this.#own = setting.system;
  }

  /** Takes a line of the file. */
  take(line: Line, number: number): void {
    this.events++;
    this.#waiting.push({ line, number, isDone: false });
    if (line.ev === 'transfer') this.#undone++;
    this.#drain(false);
  }

  /** There are no more lines. */
  end(): void {
    this.#drain(true);
    this.#noneLeft(this.#number + 1);
  }

  #drain(isEnd: boolean): void {
    for (let [next] = this.#waiting; next !== undefined; [next] = this.#waiting) {
      if (!isEnd && this.#mustWait(next)) return;
      this.#waiting.shift();
      if (next.line.ev === 'transfer' && !next.isDone) this.#undone--;
      this.#number = next.number;
      this.#advance(next);
      this.#setting.look?.(this.#real, this.#followed++);
      this.#keep(next.number);
    }
  }

  /** Whether it is an event that has come before the line of its DMA, which is not there yet. */
  #mustWait({ line, number }: Waiting): boolean {
    if (line.ev !== 'read' || this.#undone > 0 || !this.#setting.tellsDma) return false;
    const vsmmu = this.#inputs.queueOf(this.#real, this.#fds.get(line.fd) ?? -1);
    if (vsmmu === null || this.#inputs.hasEvents(this.#real, vsmmu)) return false;
    if (this.#waiting.length <= MOST_AHEAD) return true;
    if (line.ret <= 0) return false;
    throw new InputError(
      this.#setting.path,
      number,
      `expected the DMA that an event is about within ${MOST_AHEAD} lines`,
    );
  }

  /** What the recorded system has done is told on, and forgotten. */
  #keep(line: number): void {
    const { keep } = this.#setting;
    const commands = this.#real.machine.commands ?? null;
    if (keep !== null && commands !== null)
      for (const command of [...entriesOf(commands)].reverse()) keep({ command, line });
    const isOne = this.#own === this.#real;
    this.#real = withoutPast(this.#real);
    this.#own = isOne ? this.#real : withoutPast(this.#own);
  }

  /** Where the recorded system is after all lines. */
  get system(): System {
    return this.#real;
  }

  #skip(reason: string): void {
    this.skipped.set(reason, (this.skipped.get(reason) ?? 0) + 1);
  }

  #advance({ line, number, isDone }: Waiting): void {
    switch (line.ev) {
      case 'open':
      case 'ioctl':
      case 'close':
        this.#call(line, number);
        return;
      case 'read':
        this.#read(line, number);
        return;
      case 'mmap':
      case 'munmap':
        this.#skip(DEVICE_LIFE);
        return;
      case 'transfer':
        this.#transfer(line, number, isDone);
        return;
      case 'landed':
        this.#observe(number, line, { where: line.where }, (_system, isReal) => ({
          where: (isReal ? this.#landed?.real : this.#landed?.own) ?? 'unknown',
        }));
        return;
      case 'guest-read': {
        const known = registerOf(this.#real, line) !== null;
        if (!known) {
          this.#skip('a register that is not modelled');
          return;
        }
        this.#observe(number, line, { val: line.val }, (system) => ({
          val: registerOf(system, line) ?? '',
        }));
        return;
      }
      case 'guest-event': {
        const { vsmmu, at: index } = this.#events;
        this.#events = { vsmmu, at: index + 1 };
        this.#observe(number, line, { hex: line.hex }, (system) => ({
          hex: eventAt(system, vsmmu, index),
        }));
        return;
      }
      case 'qmp-reply':
        this.#reply(line, number);
        return;
      default:
        this.#input(line, number);
        return;
    }
  }

  /** An input: what came before it is over. */
  #input(line: Line, number: number): void {
    const { act, reason } = this.#inputs.of(line, this.#real);
    this.#skip(reason);
    if (act === null) return;
    this.#noneLeft(number);
    if (line.ev === 'guest-write' && line.reg === 'EVENTQ_CONS')
      this.#events = this.#inputs.eventsFrom(line, this.#real);
    this.#act(act);
  }

  #act(act: Act): void {
    const { own, real } = this.#setting;
    this.#before = this.#real;
    this.#last = act;
    const happened = act(this.#before, real);
    const designed = own === real ? happened : act(this.#before, own);
    this.#real = happened.system;
    this.#own = designed.system;
    this.#realCalls.push(...happened.calls);
    this.#ownCalls.push(...designed.calls);
    this.#realResult = happened.result;
    this.#ownResult = designed.result;
  }

  /** Calls that the model makes and the recording has not. */
  #noneLeft(number: number): void {
    const [own] = this.#ownCalls;
    const [real] = this.#realCalls;
    this.#ownCalls = [];
    this.#realCalls = [];
    if (own === undefined) return;
    this.checked++;
    this.#judge(
      number,
      'what comes next',
      { call: 'none' },
      { call: own.command.command },
      real === undefined,
    );
  }

  #call(line: CallLine, number: number): void {
    if (line.ev === 'ioctl' && ORDINARY.has(Number(line.nr))) {
      this.#skip(DEVICE_LIFE);
      return;
    }
    if (line.ev === 'ioctl' && isBarMapping(line)) {
      this.#skip(BAR_LIFE);
      return;
    }
    // Without a vSMMU there is only the kernel to hold against.
    if (this.#setting.machine.vsmmus.length === 0)
      this.#act(this.#inputs.callOf(line, this.#fds, this.#setting));
    this.#compare(line, number);
  }

  #compare(line: CallLine, number: number): void {
    const { cdevs } = this.#setting;
    const fds: Descriptors = this.#fds;
    const own = this.#ownCalls.shift();
    const real = this.#realCalls.shift();
    if (real !== undefined) this.#learn(line, real);
    this.checked++;
    const ownCompared = compareCall(line, own, fds, cdevs);
    if (ownCompared.agrees) {
      this.agreed++;
      return;
    }
    const realCompared = own === real ? ownCompared : compareCall(line, real, fds, cdevs);
    const what = line.ev === 'ioctl' ? `ioctl ${line.name}` : line.ev;
    this.#judge(number, what, ownCompared.truth, ownCompared.model, realCompared.agrees);
    if (realCompared.agrees) {
      // All goes on as the recorded system does.
      this.#ownCalls = [...this.#realCalls];
      this.#own = this.#real;
    }
  }

  #learn(line: CallLine, call: Call): void {
    const recorded = newFd(line);
    const model = modelFd(call);
    if (recorded !== null && model !== null) this.#fds.set(recorded, model);
  }

  /** A disagreement of the design's: explained by a deviation of the recorded system, or not. */
  #judge(number: number, event: string, truth: Observed, model: Observed, explained: boolean): void {
    const parted = { line: number, event, expected: truth, model };
    if (!explained) {
      this.#setting.part?.({ ...parted, deviation: null });
      this.first ??= parted;
      this.kinds.note(event, { section: 'the machine', ...parted });
      return;
    }
    const name = this.#explaining();
    this.#setting.part?.({ ...parted, deviation: name });
    this.deviations.set(name, (this.deviations.get(name) ?? 0) + 1);
  }

  /** The deviation that alone makes of the last input what the recorded system makes of it. */
  #explaining(): string {
    const act = this.#last;
    const { suspects, real } = this.#setting;
    if (act === null) return suspects.map(({ name }) => name).join('+');
    const wanted = callNames(act(this.#before, real));
    const found = suspects.find(({ rules }) => callNames(act(this.#before, rules)) === wanted);
    return found?.name ?? 'several together';
  }

  /** The VMM's loop comes when it will: also before the line of the DMA that it is about. */
  #read(line: LineOf<'read'>, number: number): void {
    const vsmmu = this.#inputs.queueOf(this.#real, this.#fds.get(line.fd) ?? -1);
    if (vsmmu === null) {
      this.#compare(line, number);
      return;
    }
    if (!this.#inputs.hasEvents(this.#real, vsmmu)) this.#moveNext();
    const kept = [this.#ownCalls, this.#realCalls] as const;
    this.#ownCalls = [];
    this.#realCalls = [];
    this.#act(this.#inputs.serve(vsmmu));
    this.#compare(line, number);
    this.#noneLeft(number);
    [this.#ownCalls, this.#realCalls] = [[...kept[0]], [...kept[1]]];
  }

  /** The next DMA is done before its turn. */
  #moveNext(): void {
    const next = this.#waiting.find(({ line, isDone }) => line.ev === 'transfer' && !isDone);
    if (next?.line.ev !== 'transfer') return;
    this.#move(next.line);
    next.isDone = true;
    this.#undone--;
  }

  #transfer(line: LineOf<'transfer'>, number: number, isDone: boolean): void {
    this.#skip('input: transfer');
    if (isDone) return;
    this.#noneLeft(number);
    this.#move(line);
  }

  #move(line: LineOf<'transfer'>): void {
    const act = this.#inputs.transfer(line, this.#setting.path);
    const before = this.#real;
    this.#act(act);
    const { own, real } = this.#setting;
    this.#landed = {
      real: landedOf(before, this.#inputs.dmaOf(line, before), real),
      own: landedOf(before, this.#inputs.dmaOf(line, before), own),
    };
  }

  #observe(
    number: number,
    line: Line,
    truth: Observed,
    see: (system: System, isReal: boolean) => Observed,
  ): void {
    this.#noneLeft(number);
    this.checked++;
    const own = see(this.#own, false);
    if (agree(truth, own)) {
      this.agreed++;
      return;
    }
    const explained = agree(truth, see(this.#real, true));
    this.#judge(number, line.ev, truth, own, explained);
    if (explained) this.#own = this.#real;
  }

  /** Whether what the operator asked was refused. */
  #reply(line: LineOf<'qmp-reply'>, number: number): void {
    if (!this.#inputs.isAnswered()) {
      this.#skip('note');
      return;
    }
    this.#noneLeft(number);
    const refused = line.r.some((each) => 'error' in each);
    if (refused) this.#inputs.refuse();
    this.checked++;
    const text = (isRefused: boolean): Observed => ({ answer: isRefused ? 'error' : 'return' });
    if (this.#ownResult.ok !== refused) {
      this.agreed++;
      return;
    }
    this.#judge(number, 'answer', text(refused), text(!this.#ownResult.ok), this.#realResult.ok !== refused);
  }
}

function callNames({ calls, result }: Happened): string {
  const names = calls.map(({ command, result: { ok } }) => `${command.command} ${ok} ${keyOf(command)}`);
  return [...names, String(result.ok)].join('; ');
}

function keyOf({ args }: Command): string {
  return Object.values(args as object)
    .map((value) => String(value))
    .join(',');
}
