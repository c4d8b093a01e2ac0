import type { Rules } from '../../model/rules.ts';
import { sameState } from '../../model/world/equal.ts';
import type { Ask, Asked, Follower, Happen } from './follower.ts';
import type { Observed } from './observed.ts';
import type { System } from './system.ts';

/**
 * Follows a recording as the design expects, but for one deviation of the kernel. Until the deviation acts for the first
 * time it is in the expected state, and costs little.
 */
export class Suspect {
  readonly name: string;
  readonly #compose: () => Rules;
  #rules: Rules | null = null;
  /** Null: still in the expected state. */
  private own: Follower | null = null;

  /** `compose` gives its rules, if they are ever needed. */
  constructor(name: string, compose: () => Rules) {
    this.name = name;
    this.#compose = compose;
  }

  get rules(): Rules {
    this.#rules ??= this.#compose();
    return this.#rules;
  }

  /** Something happened that took the expected follower, which was `before`, to `expected`. */
  follow(before: Follower, expected: readonly System[], happen: Happen, isDma: boolean): void {
    if (this.own !== null) {
      this.own.follow(happen, isDma);
      return;
    }
    const fork = before.fork(this.rules);
    fork.follow(happen, isDma);
    if (!sameSystems(fork.systems, expected)) this.own = fork;
  }

  /** The kernel took no part in what happened. */
  followWithoutKernel(happen: Happen, isDma: boolean): void {
    this.own?.follow(happen, isDma);
  }

  /** The answer of this suspect to what the expected follower, still as before, answered with `expected`. */
  ask(before: Follower, expected: Asked, ask: Ask, truth: Observed): Asked {
    const follower = this.own ?? before.fork(this.rules);
    const asked = follower.ask(ask, truth);
    if (this.own === null && asked.agrees === expected.agrees && sameSystems(asked.systems, expected.systems))
      return expected;
    this.own = follower;
    follower.take(asked.systems, ask, truth);
    return asked;
  }

  /** The systems that it is in, unless it is where the expected follower is. */
  get ownSystems(): readonly System[] | null {
    return this.own?.systems ?? null;
  }

  /** It may be in other systems as well: those under its rules, if there are any. */
  widen(systemsUnder: (rules: Rules) => readonly System[]): void {
    if (this.own === null) return;
    const systems = systemsUnder(this.rules);
    if (systems.length > 0) this.own.systems = systems;
  }

  /** It is in these systems now; where there are none, in the expected state. */
  goOnFrom(systems: readonly System[]): void {
    if (systems.length === 0) this.own = null;
    else this.own?.restart(systems);
  }

  /** All are in the same state again. */
  forget(): void {
    this.own = null;
  }
}

function sameSystems(a: readonly System[], b: readonly System[]): boolean {
  return a.length === b.length && a.every((system, i) => sameState(system, b[i]));
}
