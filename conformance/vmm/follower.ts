import type { Rules } from '../../model/rules.ts';
import type { Command } from '../../model/world/command.ts';
import type { Result } from '../../model/world/result.ts';
import { DEVICE_CALLS } from '../../spec/vfio/device-calls.ts';
import { VFIO_IOCTLS } from '../../spec/vfio/ioctls.ts';
import { CommandLines, type KeptCommand } from '../kept.ts';
import { Kinds } from '../kinds.ts';
import { agree } from '../linux/answer.ts';
import type { Observed } from '../linux/observed.ts';
import type { System } from '../linux/system.ts';
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
  readonly lines: readonly Line[];
  /** Which line of the file each is from. */
  readonly numbers: readonly number[];
  readonly machine: Machine;
  readonly cdevs: ReadonlyMap<string, string>;
  readonly system: System;
  readonly own: Rules;
  readonly real: Rules;
  readonly suspects: readonly Suspect[];
}

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
  readonly partings: Parting[] = [];

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
  /** Lines that were done before their turn. */
  readonly #ahead = new Set<number>();
  #landed: { readonly own: string; readonly real: string } | null = null;
  #events = { vsmmu: 0, at: 0 };
  readonly #commands = new CommandLines();

  constructor(setting: Setting) {
    this.#setting = setting;
    this.#inputs = new Inputs(setting.machine);
    this.#before = setting.system;
    this.#real = setting.system;
    this.#own = setting.system;
  }

  /** Follows all lines; `look` is told the recorded system behind each. */
  run(look: ((system: System, line: number) => void) | null = null): void {
    for (const [at, line] of this.#setting.lines.entries()) {
      this.#advance(line, at);
      look?.(this.#real, at);
      if (this.#real.machine.commands !== undefined) this.#commands.note(this.#real, this.#numberOf(at));
    }
    this.#noneLeft(this.#setting.lines.length);
  }

  #numberOf(at: number): number {
    return this.#setting.numbers[at] ?? at + 1;
  }

  /** Where the recorded system is after all lines. */
  get system(): System {
    return this.#real;
  }

  /** What the recorded system did. */
  commands(): readonly KeptCommand[] {
    return this.#commands.of(this.#real);
  }

  #skip(reason: string): void {
    this.skipped.set(reason, (this.skipped.get(reason) ?? 0) + 1);
  }

  #advance(line: Line, at: number): void {
    const number = this.#numberOf(at);
    switch (line.ev) {
      case 'open':
      case 'ioctl':
      case 'close':
        this.#call(line, number);
        return;
      case 'read':
        this.#read(line, at);
        return;
      case 'mmap':
      case 'munmap':
        this.#skip(DEVICE_LIFE);
        return;
      case 'transfer':
        this.#transfer(line, at);
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
      this.partings.push({ ...parted, deviation: null });
      this.first ??= parted;
      this.kinds.note(event, { section: 'the machine', ...parted });
      return;
    }
    const name = this.#explaining();
    this.partings.push({ ...parted, deviation: name });
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
  #read(line: LineOf<'read'>, at: number): void {
    const vsmmu = this.#inputs.queueOf(this.#real, this.#fds.get(line.fd) ?? -1);
    if (vsmmu === null) {
      this.#compare(line, this.#numberOf(at));
      return;
    }
    if (!this.#inputs.hasEvents(this.#real, vsmmu)) {
      const next = this.#setting.lines.findIndex(
        (each, later) => later > at && each.ev === 'transfer' && !this.#ahead.has(later),
      );
      const transfer = this.#setting.lines[next];
      if (transfer?.ev === 'transfer') {
        this.#move(transfer);
        this.#ahead.add(next);
      }
    }
    const kept = [this.#ownCalls, this.#realCalls] as const;
    this.#ownCalls = [];
    this.#realCalls = [];
    this.#act(this.#inputs.serve(vsmmu));
    this.#compare(line, this.#numberOf(at));
    this.#noneLeft(this.#numberOf(at));
    [this.#ownCalls, this.#realCalls] = [[...kept[0]], [...kept[1]]];
  }

  #transfer(line: LineOf<'transfer'>, at: number): void {
    this.#skip('input: transfer');
    if (this.#ahead.has(at)) return;
    this.#noneLeft(this.#numberOf(at));
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
