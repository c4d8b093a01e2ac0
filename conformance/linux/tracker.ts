import type { Platform } from '../../model/platform/platform.ts';
import { composeRules, type Override } from '../../model/rules.ts';
import type { DriverRules } from '../../model/smmu/driver/rules.ts';
import { vmmOf } from '../../model/world/boot.ts';
import type { Command } from '../../model/world/command.ts';
import type { Disagreement } from '../report.ts';
import { agree, type Observed, recorded } from './answer.ts';
import type { Line } from './lines.ts';
import { unrecordedBefore, veventqFds } from './process.ts';
import { bootSystem, type System, type SystemRules, stepSystem } from './system.ts';

/** How the last compared line went. */
export type Verdict = 'agreed' | 'deviation' | 'disagreed';

/** A system that follows the recording under rules of its own. */
interface Follower extends SystemRules {
  system: System;
}

/** The design's rules and one deviation that the design does not have. */
interface Suspect extends Follower {
  readonly name: string;
}

/** What happens without an answer: the system after it. */
export type Happen = (system: System, rules: SystemRules) => System;

/** What is asked of the system: the system after it, and the answer. */
export type Ask = (
  system: System,
  rules: SystemRules,
) => { readonly system: System; readonly answer: Observed };

/**
 * Follows a recording with several systems at once: the one that the chosen design expects, the one that the real
 * system is in if all its known deviations are real, and one for each of these deviations alone. Where the first
 * disagrees with the recording and the second does not, the deviation that explains the answer is named, and all
 * continue from the real system's state.
 */
export class Tracker {
  readonly actor: string;
  checked = 0;
  agreed = 0;
  readonly deviations = new Map<string, number>();
  first: Disagreement | null = null;
  /** Event queues that may hold what a DMA put there, by descriptor, where DMA is not followed. */
  readonly touchedByDma = new Set<number>();
  /** Whether the machine's hardware is followed: memory, pSMMUs, devices. */
  readonly followsMachine: boolean;

  private readonly expected: Follower;
  private readonly real: Follower;
  private readonly suspects: readonly Suspect[];

  constructor(
    platform: Platform,
    design: readonly Override[],
    known: readonly Override[],
    driver: DriverRules,
    followsMachine: boolean,
  ) {
    const unexpected = known.filter((deviation) => !design.includes(deviation));
    const system = bootSystem(platform, followsMachine);
    this.followsMachine = followsMachine;
    this.actor = vmmOf(platform.vms[0] ?? '');
    this.expected = { rules: composeRules(design), driver, system };
    this.real =
      unexpected.length === 0
        ? this.expected
        : { rules: composeRules([...design, ...unexpected]), driver, system };
    this.suspects = unexpected.map((deviation) => ({
      name: deviation.name,
      rules: composeRules([...design, deviation]),
      driver,
      system,
    }));
  }

  /** The system that the recorded answers fit. */
  get system(): System {
    return this.real.system;
  }

  private get followers(): ReadonlySet<Follower> {
    return new Set([this.expected, this.real, ...this.suspects]);
  }

  /** Something whose answer, if it has one, the recording does not give (mmap, a store, DMA). */
  follow(happen: Happen): void {
    for (const follower of this.followers) follower.system = happen(follower.system, follower);
  }

  /** A DMA or an interrupt that is not followed: every open event queue may have got an event from it. */
  noteDma(): void {
    for (const fd of veventqFds(this.real.system.world, this.actor)) this.touchedByDma.add(fd);
  }

  /** A line with its answer; `command` is the call that it records, if it is one. */
  compare(line: Line, number: number, ask: Ask, command: Command | null): Verdict {
    const truth = recorded(line);
    const answerOf = (follower: Follower) => ask(follower.system, follower);
    let real = answerOf(this.real);
    const unrecorded = command === null ? [] : unrecordedBefore(this.real.system.world, command);
    for (const unseen of unrecorded) {
      if (agree(truth, real.answer)) break;
      this.follow((system, rules) => stepSystem(system, unseen, rules).system);
      real = answerOf(this.real);
    }
    this.checked++;
    const expected = this.expected === this.real ? real : answerOf(this.expected);
    const suspects = this.suspects.map((suspect) => ({ suspect, ...answerOf(suspect) }));
    for (const { suspect, system } of suspects) suspect.system = system;
    this.expected.system = expected.system;
    this.real.system = real.system;
    if (agree(truth, expected.answer)) {
      this.agreed++;
      return 'agreed';
    }
    if (this.real !== this.expected && agree(truth, real.answer)) {
      const explaining = suspects.find(({ answer }) => agree(truth, answer));
      const name = explaining?.suspect.name ?? this.suspects.map((suspect) => suspect.name).join('+');
      this.deviations.set(name, (this.deviations.get(name) ?? 0) + 1);
      for (const follower of this.followers) follower.system = real.system;
      return 'deviation';
    }
    this.first ??= { line: number, event: describe(line), expected: truth, model: expected.answer };
    return 'disagreed';
  }
}

function describe(line: Line): string {
  const note = line.note === undefined ? '' : ` (${line.note})`;
  switch (line.ev) {
    case 'ioctl':
      return `ioctl ${line.name} on fd ${line.fd}${note}`;
    case 'open':
      return `open ${line.path}`;
    case 'close':
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
