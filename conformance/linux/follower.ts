import type { Rules } from '../../model/rules.ts';
import { entriesOf, type Log } from '../../model/smmu/permitted/history.ts';
import { agree } from './answer.ts';
import type { Observed } from './observed.ts';
import { distinct, type System } from './system.ts';

/** What happens without an answer: every system that may come of it. */
export type Happen = (system: System, rules: Rules) => readonly System[];

/** One way in which a system may answer. */
export interface Reaction {
  readonly system: System;
  readonly answer: Observed;
}

/** What is asked of the system: every answer that it may give. */
export type Ask = (system: System, rules: Rules) => readonly Reaction[];

/** What came of a question. */
export interface Asked {
  readonly agrees: boolean;
  /** The recorded answer if it may be given; else what may be, alternatives with a bar between. */
  readonly answer: Observed;
  /** The systems that gave the recorded answer; all of them if none did. */
  readonly systems: readonly System[];
}

/**
 * Writes whose place a recording never looks at leave ever more systems possible. Beyond this many, the later ones are
 * given up: an answer that only they permit is then reported as a disagreement.
 */
const MOST_SYSTEMS = 256;

/** What a DMA did shows soon after it; recordings without DMA must not be kept whole. */
const MOST_STEPS = 200;

/** Something that happened, for looking at it again under other rules. */
type Step = { readonly happen: Happen } | { readonly ask: Ask; readonly truth: Observed };

/**
 * Follows a recording under one set of rules, with every system that the answers until now leave possible: one where
 * everything is determined, more where caches leave a choice.
 */
export class Follower {
  readonly rules: Rules;
  systems: readonly System[];
  /** The systems before the last DMA, and what came from there on, the latest first. */
  private before: readonly System[];
  private since: Log<Step> = null;
  private steps = 0;

  constructor(rules: Rules, systems: readonly System[]) {
    this.rules = rules;
    this.systems = systems;
    this.before = systems;
  }

  follow(happen: Happen, isDma: boolean): void {
    if (isDma) this.lookBackFromHere();
    this.systems = happenTo(this.systems, happen, this.rules);
    this.note({ happen });
  }

  ask(ask: Ask, truth: Observed): Asked {
    return askOf(this.systems, ask, truth, this.rules);
  }

  take(systems: readonly System[], ask: Ask, truth: Observed): void {
    this.systems = systems;
    this.note({ ask, truth });
  }

  /** Another follower in the same state. */
  fork(rules: Rules): Follower {
    const fork = new Follower(rules, this.systems);
    fork.before = this.before;
    fork.since = this.since;
    fork.steps = this.steps;
    return fork;
  }

  private note(step: Step): void {
    if (this.steps >= MOST_STEPS) {
      this.lookBackFromHere();
      return;
    }
    this.since = { entry: step, older: this.since };
    this.steps++;
  }

  private lookBackFromHere(): void {
    this.before = this.systems;
    this.since = null;
    this.steps = 0;
  }

  /** Starts again from systems that it did not come to by following. */
  restart(systems: readonly System[]): void {
    this.systems = systems;
    this.lookBackFromHere();
  }

  /** Whether other rules would have allowed everything since the last DMA, and then an answer. */
  wouldExplain(ask: Ask, truth: Observed, rules: Rules): boolean {
    let systems = this.before;
    const steps = [...entriesOf(this.since)].reverse();
    for (const step of [...steps, { ask, truth }]) {
      if ('happen' in step) {
        systems = happenTo(systems, step.happen, rules);
        continue;
      }
      const asked = askOf(systems, step.ask, step.truth, rules);
      if (!asked.agrees) return false;
      systems = asked.systems;
    }
    return true;
  }
}

function happenTo(systems: readonly System[], happen: Happen, rules: Rules): readonly System[] {
  return distinct(systems.flatMap((system) => happen(system, rules))).slice(0, MOST_SYSTEMS);
}

function askOf(systems: readonly System[], ask: Ask, truth: Observed, rules: Rules): Asked {
  const reactions = systems.flatMap((system) => ask(system, rules));
  const agreeing = reactions.filter(({ answer }) => agree(truth, answer));
  const agrees = agreeing.length > 0;
  const left = agrees ? agreeing : reactions;
  return {
    agrees,
    answer: merged(left.map(({ answer }) => answer)),
    systems: distinct(left.map(({ system }) => system)),
  };
}

function merged(answers: readonly Observed[]): Observed {
  const [first = {}, ...others] = answers;
  if (others.length === 0) return first;
  const values = (key: string) => new Set(answers.map((answer) => answer[key] ?? ''));
  return Object.fromEntries(
    Object.entries(first).map(([key, value]) => {
      const alternatives = values(key);
      return [key, alternatives.size === 1 ? value : [...alternatives].sort().join(' | ')];
    }),
  );
}
