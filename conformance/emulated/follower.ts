import { bootWorld } from '../../model/boot.ts';
import { type Call, NO_BINDINGS, resolveCall } from '../../model/call.ts';
import type { Platform } from '../../model/platform/platform.ts';
import type { Override, Rules } from '../../model/rules.ts';
import { type Step, step } from '../../model/step.ts';
import type { Command } from '../../model/world/command.ts';
import type { World } from '../../model/world/world.ts';
import type { Transition } from '../../properties/property.ts';
import { type BeyondDesign, beyondDesign, rulesWith } from '../beyond-design.ts';
import { explain } from '../explain.ts';
import type { Emulation, Open } from './emulation.ts';
import { emulationOf } from './emulation-of.ts';
import type { Seen } from './lines.ts';
import { differing } from './seen.ts';

/** Rules under which a platform's emulated IOMMU is followed. */
export function rulesOf(design: readonly Override[], platform: Platform): BeyondDesign {
  return beyondDesign(design, emulationOf(platform).known);
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
  readonly #rules: BeyondDesign;
  readonly #emulation: Emulation;
  readonly #open: Open | null;
  /** Since machine and design were last in the same state: that state, and what was done. */
  #since: World;
  #done: Command[] = [];
  #own: World;
  #real: World;

  constructor(platform: Platform, rules: BeyondDesign) {
    this.#rules = rules;
    this.#emulation = emulationOf(platform);
    this.#open = this.#emulation.open(platform);
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
    const transition: Transition = { ...known, before, command };
    const expected = this.#seenOf(this.#own, command, designed);
    this.#real = known.world;
    this.#own = designed.world;
    const parting = this.#parting(transition, seen, expected);
    this.#open?.went(before, command, known);
    return { parting, transition };
  }

  #parting(transition: Transition, seen: Seen, expected: Seen): Parting | null {
    const { own, real } = this.#rules;
    const { before, command } = transition;
    if (differing(seen, expected).length === 0) return null;
    const isKnown = own !== real && differing(seen, this.#seenOf(before, command, transition)).length === 0;
    const isPermitted = this.#permits(before, command, seen, own);
    const deviations = isKnown && !isPermitted ? this.#explaining(before, seen) : null;
    if (isKnown) this.#together();
    return isPermitted ? null : { seen, expected, deviations };
  }

  #seenOf(before: World, command: Command, after: Step): Seen {
    return this.#emulation.seenOf(before, command, after);
  }

  #permits(before: World, command: Command, seen: Seen, rules: Rules): boolean {
    return this.#open?.covers(command, rules) === true && this.#open.permits(before, command, seen, rules);
  }

  /** All goes on as the machine does. */
  #together(): void {
    this.#own = this.#real;
    this.#since = this.#real;
    this.#done = [];
  }

  /** The deviations that make of what was done since what was seen; where no few do, what all do together. */
  #explaining(before: World, seen: Seen): readonly string[] {
    const { suspects, design } = this.#rules;
    const command = this.#done.at(-1);
    const found = explain(suspects, (chosen) => {
      const rules = rulesWith(design, chosen);
      if (seen.ends === 'no' && command !== undefined && this.#open?.covers(command, rules) === true)
        return this.#open.permits(before, command, seen, rules);
      const last = this.#again(rules);
      return last !== null && differing(seen, last).length === 0;
    });
    return (found ?? suspects).map(({ name }) => name);
  }

  #again(rules: Rules): Seen | null {
    let world = this.#since;
    let last: Seen | null = null;
    for (const [at, command] of this.#done.entries()) {
      const after: Step = step(world, command, rules);
      if (at === this.#done.length - 1) last = this.#seenOf(world, command, after);
      world = after.world;
    }
    return last;
  }
}
