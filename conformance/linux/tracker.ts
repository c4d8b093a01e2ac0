import type { Platform } from '../../model/platform/platform.ts';
import { composeRules, type Override, type Rules } from '../../model/rules.ts';
import { bootWorld, vmmOf } from '../../model/world/boot.ts';
import type { Command } from '../../model/world/command.ts';
import { step } from '../../model/world/step.ts';
import type { World } from '../../model/world/world.ts';
import type { Disagreement } from '../report.ts';
import { agree, answered, recorded } from './answer.ts';
import type { Line } from './lines.ts';
import { unrecordedBefore, veventqFds } from './process.ts';

/** How the last compared line went. */
export type Verdict = 'agreed' | 'deviation' | 'disagreed';

/** A world that follows the recording under rules of its own. */
interface Follower {
  readonly rules: Rules;
  world: World;
}

/** The design's rules and one deviation that the design does not have. */
interface Suspect extends Follower {
  readonly name: string;
}

/**
 * Follows a recording with several worlds at once: the one that the chosen design expects, the one that the real
 * system is in if all its known deviations are real, and one for each of these deviations alone. Where the first
 * disagrees with the recording and the second does not, the deviation that explains the answer is named, and all
 * continue from the real system's world.
 */
export class Tracker {
  readonly actor: string;
  checked = 0;
  agreed = 0;
  readonly deviations = new Map<string, number>();
  first: Disagreement | null = null;
  /** Event queues that may hold what a DMA put there, by descriptor. */
  readonly touchedByDma = new Set<number>();

  private readonly expected: Follower;
  private readonly real: Follower;
  private readonly suspects: readonly Suspect[];

  constructor(platform: Platform, design: readonly Override[], known: readonly Override[]) {
    const unexpected = known.filter((deviation) => !design.includes(deviation));
    const world = bootWorld(platform);
    this.actor = vmmOf(platform.vms[0] ?? '');
    this.expected = { rules: composeRules(design), world };
    this.real =
      unexpected.length === 0 ? this.expected : { rules: composeRules([...design, ...unexpected]), world };
    this.suspects = unexpected.map((deviation) => ({
      name: deviation.name,
      rules: composeRules([...design, deviation]),
      world,
    }));
  }

  /** A call whose answer the recording does not give (mmap, eventfd). */
  follow(command: Command): void {
    for (const follower of new Set([this.expected, this.real, ...this.suspects])) advance(follower, command);
  }

  /** A DMA or an interrupt: every open event queue may have got an event that the recording does not show. */
  noteDma(): void {
    for (const fd of veventqFds(this.real.world, this.actor)) this.touchedByDma.add(fd);
  }

  /** A call with its answer. */
  compare(line: Line, number: number, command: Command): Verdict {
    const truth = recorded(line);
    const explains = ({ world, rules }: Follower): boolean =>
      agree(truth, answered(line, command, step(world, command, rules).result));
    for (const unrecorded of unrecordedBefore(this.real.world, command)) {
      if (!explains(this.real)) this.follow(unrecorded);
    }
    this.checked++;
    const realAgrees = this.real !== this.expected && explains(this.real);
    const explaining = this.suspects.find(explains);
    const before = this.expected.world;
    this.follow(command);
    const model = answered(line, command, step(before, command, this.expected.rules).result);
    if (agree(truth, model)) {
      this.agreed++;
      return 'agreed';
    }
    if (realAgrees) {
      const name = explaining?.name ?? this.suspects.map((suspect) => suspect.name).join('+');
      this.deviations.set(name, (this.deviations.get(name) ?? 0) + 1);
      for (const follower of [this.expected, ...this.suspects]) follower.world = this.real.world;
      return 'deviation';
    }
    this.first ??= { line: number, event: describe(line), expected: truth, model };
    return 'disagreed';
  }
}

function advance(follower: Follower, command: Command): void {
  follower.world = step(follower.world, command, follower.rules).world;
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
    default:
      return line.ev;
  }
}
