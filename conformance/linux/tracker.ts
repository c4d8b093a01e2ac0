import type { Platform } from '../../model/platform/platform.ts';
import { composeRules, type Override, type Rules } from '../../model/rules.ts';
import type { Command } from '../../model/world/command.ts';
import { vmmOf } from '../../model/world/process.ts';
import { Kinds } from '../kinds.ts';
import type { Disagreement } from '../report.ts';
import { recorded } from './answer.ts';
import { differ } from './differ.ts';
import { type Ask, Follower, type Happen } from './follower.ts';
import type { Line } from './lines.ts';
import type { Observed } from './observed.ts';
import { Permitted } from './permitted.ts';
import { onWhat, unrecordedBefore } from './process.ts';
import { Suspect } from './suspect.ts';
import { bootSystem, distinct, type System, stepSystem } from './system.ts';

/** How the last compared line went. */
export type Verdict = 'agreed' | 'deviation' | 'disagreed' | { readonly skipped: string };

/** The deviations that the recorded system is known to have. */
export interface KnownDeviations {
  readonly kernel: readonly Override[];
  readonly smmu: readonly Override[];
}

/** Where a tracker stood. */
export interface Mark {
  readonly expected: readonly System[];
  readonly real: readonly System[];
  /** Of each suspect. */
  readonly suspects: readonly (readonly System[])[];
}

/** Where calls can lead from a system, by every order that explains their answers; null: too many to try. */
export type EndsFrom = (system: System, rules: Rules) => readonly System[] | null;

/** How a suspect follows something that happened. */
type Heard = (suspect: Suspect) => void;

/** So much of a recording is kept for suspects, however long none is asked. */
const MOST_UNHEARD = 200;

/**
 * Follows a recording several times over: as the chosen design expects, as the real system goes if all its known
 * deviations are real, and with each deviation of the kernel alone. Where the first disagrees with the recording and the
 * second does not, the deviation that explains the answer is named, and all continue from the real system's state.
 */
export class Tracker {
  /** Who makes the calls. */
  actor: string;
  checked = 0;
  agreed = 0;
  readonly deviations = new Map<string, number>();
  first: Disagreement | null = null;
  readonly kinds = new Kinds();
  /** What the design permits to DMA. */
  readonly permitted = new Permitted();

  private readonly expected: Follower;
  private readonly real: Follower;
  private readonly suspects: readonly Suspect[];
  /** What happened since suspects last heard of anything. */
  private unheard: Heard[] = [];
  private readonly smmuSuspects: readonly Override[];
  private readonly rulesWith: (more: readonly Override[]) => Rules;
  private readonly emulated: boolean;
  private readonly complete: boolean;

  readonly platform: Platform;

  /**
   * `complete`: the process did nothing that the recording does not have. `keeps`: what the real system did is to be known
   * afterwards.
   */
  constructor(
    platform: Platform,
    design: readonly Override[],
    known: KnownDeviations,
    { complete = false, keeps = false }: { readonly complete?: boolean; readonly keeps?: boolean } = {},
  ) {
    this.complete = complete;
    this.platform = platform;
    const unexpected = (deviations: readonly Override[]) =>
      deviations.filter((deviation) => !design.includes(deviation));
    const kernel = unexpected(known.kernel);
    this.smmuSuspects = unexpected(known.smmu);
    this.emulated = this.smmuSuspects.length === 0;
    this.actor = vmmOf(platform.vms[0] ?? '');
    this.rulesWith = (more) => composeRules([...design, ...more]);
    this.expected = new Follower(this.rulesWith([]), [bootSystem(platform, this.emulated, keeps)]);
    this.real =
      kernel.length === 0 && this.emulated
        ? this.expected
        : new Follower(this.rulesWith([...kernel, ...this.smmuSuspects]), [
            bootSystem(platform, true, keeps),
          ]);
    this.suspects = kernel.map((deviation) => new Suspect(deviation.name, () => this.rulesWith([deviation])));
  }

  /** The system that the recorded answers fit. */
  get system(): System {
    return this.real.systems[0] as System;
  }

  get realRules(): Rules {
    return this.real.rules;
  }

  /** The first system that the design expects. */
  get expectedSystem(): System {
    return this.expected.systems[0] as System;
  }

  get expectedRules(): Rules {
    return this.expected.rules;
  }

  /** Whether the answers until now leave one system possible, and no other. */
  get isDetermined(): boolean {
    return this.real.systems.length === 1;
  }

  /** Where all stand before calls that ran at the same time. */
  mark(): Mark {
    const { systems } = this.expected;
    this.catchUp();
    const suspects = this.suspects.map(({ ownSystems }) => ownSystems ?? systems);
    return { expected: systems, real: this.real.systems, suspects };
  }

  /** Calls since a mark were followed in one order; others that explain their answers may have led elsewhere. */
  widen(mark: Mark, endsFrom: EndsFrom): void {
    const under = (before: readonly System[], rules: Rules): readonly System[] => {
      const ends = before.map((system) => endsFrom(system, rules));
      return ends.includes(null) ? [] : distinct(ends.flatMap((each) => each ?? []));
    };
    const real = under(mark.real, this.real.rules);
    if (real.length > 0) this.real.systems = real;
    if (this.real !== this.expected) {
      const expected = under(mark.expected, this.expected.rules);
      if (expected.length > 0) this.expected.systems = expected;
      else if (this.emulated) this.expected.systems = this.real.systems;
    }
    this.catchUp();
    for (const [at, suspect] of this.suspects.entries())
      suspect.widen((rules) => under(mark.suspects[at] ?? [], rules));
  }

  /**
   * So many calls that ran at the same time, some between the parts of others: no order is there in which one after the other could
   * be asked. Null: nothing explains them, or there are too many orders to know.
   */
  followTogether(count: number, endsFrom: EndsFrom): Verdict | null {
    const mark = this.mark();
    const ends = (systems: readonly System[], rules: Rules) =>
      distinct(systems.flatMap((system) => endsFrom(system, rules) ?? []));
    const expected = ends(mark.expected, this.expected.rules);
    const real = this.real === this.expected ? expected : ends(mark.real, this.real.rules);
    const own = this.suspects.map(({ rules }, at) => ends(mark.suspects[at] ?? [], rules));
    const left = real.length > 0 ? real : expected;
    if (left.length === 0) return null;
    this.checked += count;
    this.real.restart(left);
    if (expected.length > 0) {
      this.agreed += count;
      this.expected.restart(expected);
      for (const [at, suspect] of this.suspects.entries()) suspect.goOnFrom(own[at] ?? []);
      return 'agreed';
    }
    // One of the answers is the deviation's; which one, no order tells.
    this.agreed += count - 1;
    const explaining = this.suspects.find((_, at) => own[at]?.length !== 0) ?? null;
    const name = explaining?.name ?? this.suspects.map((suspect) => suspect.name).join('+');
    this.deviations.set(name, (this.deviations.get(name) ?? 0) + 1);
    this.restart();
    return 'deviation';
  }

  /** The process writes its memory. */
  followStore(happen: Happen): void {
    this.happen(happen, false);
    this.later((suspect) => suspect.followWithoutKernel(happen, false));
  }

  /** A call whose answer the recording does not give. */
  followCall(command: Command): void {
    const happen: Happen = (system, rules) => [stepSystem(system, command, rules).system];
    const before = this.expected.fork(this.expected.rules);
    this.happen(happen, false);
    const { systems } = this.expected;
    this.later((suspect) => suspect.follow(before, systems, happen, false));
  }

  /** A device moves data. The kernel takes part if it gets an event. */
  followDma(happen: Happen): void {
    const before = this.expected.fork(this.expected.rules);
    this.happen(happen, true);
    const { systems } = this.expected;
    const worlds = new Set(before.systems.map(({ world }) => world));
    const quiet = systems.every(({ world }) => worlds.has(world));
    this.later((suspect) => {
      if (quiet) suspect.followWithoutKernel(happen, true);
      else suspect.follow(before, systems, happen, true);
    });
    this.permitted.note(systems);
  }

  /** Suspects hear of it when it is asked what they say, which is seldom: most answers are as expected. */
  private later(hear: Heard): void {
    this.unheard.push(hear);
    if (this.unheard.length >= MOST_UNHEARD) this.catchUp();
  }

  private catchUp(): void {
    for (const suspect of this.suspects) this.tell(suspect);
    this.unheard = [];
  }

  private tell(suspect: Suspect): void {
    for (const hear of this.unheard) hear(suspect);
  }

  /** The name of the first that says so. Those behind it have then not heard what came before: all are to forget it. */
  private firstSuspect(says: (suspect: Suspect) => boolean): string | undefined {
    return this.suspects.find((suspect) => {
      this.tell(suspect);
      return says(suspect);
    })?.name;
  }

  private happen(happen: Happen, isDma: boolean): void {
    this.expected.follow(happen, isDma);
    if (this.real !== this.expected) this.real.follow(happen, isDma);
  }

  /** A line with its answer; `command` is the call that it records, if it is one. */
  compare(line: Line, number: number, ask: Ask, command: Command | null): Verdict {
    const truth = recorded(line);
    const unrecorded = command === null || this.complete ? [] : unrecordedBefore(this.system.world, command);
    for (const unseen of unrecorded) {
      if (!this.real.ask(ask, truth).agrees) this.followCall(unseen);
    }
    this.checked++;
    const expected = this.expected.ask(ask, truth);
    const real = this.real === this.expected ? expected : this.real.ask(ask, truth);
    const explained = !expected.agrees && real.agrees;
    const before = this.expected.fork(this.expected.rules);
    const agrees = (suspect: Suspect) => suspect.ask(before, expected, ask, truth).agrees;
    const kernel = explained ? this.firstSuspect(agrees) : undefined;
    if (!explained) this.later(agrees);
    const smmu = explained && kernel === undefined ? this.smmuDeviation(ask, truth) : null;
    this.expected.take(expected.systems, ask, truth);
    if (this.real !== this.expected) this.real.take(real.systems, ask, truth);
    if (expected.agrees) {
      this.agreed++;
      return 'agreed';
    }
    if (explained) this.restart();
    if (explained && kernel !== undefined) {
      this.deviations.set(kernel, (this.deviations.get(kernel) ?? 0) + 1);
      return 'deviation';
    }
    if (smmu !== null) {
      // Where the recorded pSMMU departs from the architecture, the answer says nothing about the design.
      this.checked--;
      return { skipped: `decided by a deviation of the recorded pSMMU: ${smmu}` };
    }
    this.disagree(line, number, truth, expected.answer);
    return 'disagreed';
  }

  private disagree(line: Line, number: number, truth: Observed, model: Observed): void {
    const event = describe(line);
    this.first ??= { line: number, event, expected: truth, model };
    const on = line.ev === 'ioctl' ? onWhat(this.system.world, this.actor, line.fd) : 'other';
    const differing = differ(line, on, truth, model);
    const { expected } = differing;
    this.kinds.note(differing.kind, {
      section: line.section,
      line: number,
      event,
      expected,
      model: differing.model,
    });
  }

  /** The deviation of the pSMMU that explains an answer, or several together. */
  private smmuDeviation(ask: Ask, truth: Observed): string {
    const explains = (deviations: readonly Override[]): boolean =>
      this.expected.wouldExplain(ask, truth, this.rulesWith(deviations));
    const alone = this.smmuSuspects.find((deviation) => explains([deviation]));
    if (alone !== undefined) return alone.name;
    let together = this.smmuSuspects;
    if (together.length > 0 && explains(together)) {
      for (const deviation of together) {
        const fewer = together.filter((other) => other !== deviation);
        if (explains(fewer)) together = fewer;
      }
      return together.map(({ name }) => name).join('+');
    }
    return [...this.suspects, ...this.smmuSuspects].map(({ name }) => name).join('+');
  }

  /** All continue from the real system's state; what its pSMMUs hold is known to those only that have QEMU's. */
  private restart(): void {
    const { world, machine } = this.system;
    const own: System = this.emulated ? this.system : { world, machine: { ...machine, smmus: null } };
    if (this.real !== this.expected) this.expected.restart([own]);
    this.unheard = [];
    for (const suspect of this.suspects) suspect.forget();
  }
}

/** A line in words, for the report. */
function describe(line: Line): string {
  const note = line.note === undefined ? '' : ` (${line.note})`;
  switch (line.ev) {
    case 'ioctl':
      return `ioctl ${line.name} on fd ${line.fd}${note}`;
    case 'open':
      return `open ${line.path}`;
    case 'legacy':
      return line.what;
    case 'close':
    case 'dup':
    case 'read':
    case 'poll':
    case 'write':
      return `${line.ev} fd ${line.fd}${note}`;
    case 'load':
      return `load of ${line.va}${note}`;
    default:
      return `${line.ev}${note}`;
  }
}
