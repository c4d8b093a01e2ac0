import { bootWorld } from '../../model/boot.ts';
import { type Call, NO_BINDINGS, resolveCall } from '../../model/call.ts';
import type { Platform } from '../../model/platform/platform.ts';
import { composeRules, type Override, type Rules } from '../../model/rules.ts';
import { type Step, step } from '../../model/step.ts';
import type { Command } from '../../model/world/command.ts';
import type { World } from '../../model/world/world.ts';
import { smmuQemu11Deviations } from '../../overrides/deviations/smmu-qemu-11.ts';
import type { Transition } from '../../properties/property.ts';
import { explain } from '../explain.ts';
import type { Seen } from './lines.ts';
import { differing, seenOf } from './observe.ts';

/** Rules under which a machine is followed. */
export interface FollowedRules {
  readonly design: readonly Override[];
  /** What the design expects. */
  readonly own: Rules;
  /** What the machine is known to be. */
  readonly real: Rules;
  /** What is known of it beyond the design. */
  readonly suspects: readonly Override[];
}

const RULES = new WeakMap<readonly Override[], FollowedRules>();

export function rulesOf(design: readonly Override[]): FollowedRules {
  const rules = RULES.get(design) ?? compose(design);
  RULES.set(design, rules);
  return rules;
}

function compose(design: readonly Override[]): FollowedRules {
  const own = composeRules(design);
  const suspects = smmuQemu11Deviations.filter((known) => !design.includes(known));
  const real = suspects.length === 0 ? own : composeRules([...design, ...suspects]);
  return { design, own, real, suspects };
}

/** A place where the machine and the design part. */
export interface Parting {
  readonly seen: Seen;
  readonly expected: Seen;
  /** The deviations that together explain it; null: none do. */
  readonly deviations: readonly string[] | null;
}

/** What became of a step: null where machine and design agree. `transition`: what the machine did, as the model has it. */
export interface Followed {
  readonly parting: Parting | null;
  readonly transition: Transition;
}

/** Follows a machine with the model: what the design expects, and what is known of the machine. */
export class Follower {
  readonly #rules: FollowedRules;
  /** Since machine and design were last in the same state: that state, and what was done. */
  #since: World;
  #done: Command[] = [];
  #own: World;
  #real: World;

  constructor(platform: Platform, rules: FollowedRules) {
    this.#rules = rules;
    const world = bootWorld(platform);
    this.#since = world;
    this.#own = world;
    this.#real = world;
  }

  /** What the machine does, by what was seen of it. After a difference that nothing explains there is no going on. */
  follow(call: Call, seen: Seen): Followed {
    const { own, real } = this.#rules;
    const command = resolveCall(call, NO_BINDINGS);
    const before = this.#real;
    const known = step(before, command, real);
    const designed = own === real ? known : step(this.#own, command, own);
    this.#done.push(command);
    const expected = own === real ? seenOf(before, command, known) : seenOf(this.#own, command, designed);
    const transition: Transition = { ...known, before, command };
    this.#real = known.world;
    this.#own = designed.world;
    if (differing(seen, expected).length === 0) return { parting: null, transition };
    const isKnown = own !== real && differing(seen, seenOf(before, command, known)).length === 0;
    const deviations = isKnown ? this.#explaining(seen) : null;
    if (isKnown) this.#together();
    return { parting: { seen, expected, deviations }, transition };
  }

  /** All goes on as the machine does. */
  #together(): void {
    this.#own = this.#real;
    this.#since = this.#real;
    this.#done = [];
  }

  /** The deviations that make of what was done since what was seen; where no few do, what all do together. */
  #explaining(seen: Seen): readonly string[] {
    const { suspects, design } = this.#rules;
    const found = explain(suspects, (chosen) => {
      const last = this.#again(rulesWith(design, chosen));
      return last !== null && differing(seen, last).length === 0;
    });
    return (found ?? suspects).map(({ name }) => name);
  }

  #again(rules: Rules): Seen | null {
    let world = this.#since;
    let last: Seen | null = null;
    for (const [at, command] of this.#done.entries()) {
      const after: Step = step(world, command, rules);
      if (at === this.#done.length - 1) last = seenOf(world, command, after);
      world = after.world;
    }
    return last;
  }
}

const COMPOSED = new WeakMap<readonly Override[], Map<string, Rules>>();

function rulesWith(design: readonly Override[], chosen: readonly Override[]): Rules {
  const known = COMPOSED.get(design) ?? new Map<string, Rules>();
  COMPOSED.set(design, known);
  const key = chosen.map(({ name }) => name).join();
  const rules = known.get(key) ?? composeRules([...design, ...chosen]);
  known.set(key, rules);
  return rules;
}
