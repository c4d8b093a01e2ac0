import { bootWorld } from '../model/boot.ts';
import { type Bindings, bindResult, type Call, NO_BINDINGS, resolveCall } from '../model/call.ts';
import type { Rules } from '../model/rules.ts';
import type { World } from '../model/world/world.ts';
import { everyCommandIsAnswered } from '../properties/iommufd/every-command-is-answered.ts';
import type { Property, Run, Transition } from '../properties/property.ts';
import type { Scope } from '../workload/scopes/scope.ts';
import { type Answer, type Attempt, attempt } from './attempt.ts';
import { judged } from './judged.ts';
import type { Monitor } from './monitor.ts';
import { expectAwaited } from './select/awaited.ts';
import { type Watch, without } from './watch.ts';

/** Where a run takes place. */
export interface Setting {
  readonly scope: Scope;
  readonly rules: Rules;
}

/** A violated property: after how many calls of the run, and what it says. */
export interface Found {
  readonly property: Property;
  readonly calls: number;
  readonly violation: string;
}

/**
 * One run from a platform's first world, call by call, until a property is violated or a command has no answer.
 */
export class Execution {
  world: World;
  bindings: Bindings = NO_BINDINGS;
  readonly found: Found[] = [];
  readonly #setting: Setting;
  readonly #monitor: Monitor | null;
  readonly #initial: World;
  readonly #transitions: Transition[] | null;
  readonly #answer: Answer;
  #watch: Watch;
  #calls = 0;

  /** `answer`: whoever runs this with `attempt` has to see to steps that do not return; `patientAttempt` stops them. */
  constructor(setting: Setting, watch: Watch, monitor: Monitor | null = null, answer: Answer = attempt) {
    expectAwaited(setting.rules, 'rules', 'selectRules(…)');
    this.#setting = setting;
    this.#answer = answer;
    this.#watch = watch;
    this.#monitor = monitor;
    this.world = bootWorld(setting.scope.platform);
    this.#initial = this.world;
    const wholeRun = watch.pair.length > 0 || (monitor?.unseen.pair.length ?? 0) > 0;
    this.#transitions = wholeRun ? [] : null;
    this.#lookAtWorld();
  }

  /** Whether a property has been violated: what comes after that says nothing, for the world may be corrupt. */
  get isOver(): boolean {
    return this.found.length > 0;
  }

  /** One call: names resolved, stepped, its name bound, the properties looked at. */
  apply(call: Call): Attempt {
    const before = this.world;
    const command = resolveCall(call, this.bindings);
    const done = this.#answer(before, command, this.#setting.rules);
    this.bindings = bindResult(call, done.result, this.bindings);
    this.world = done.world;
    this.#calls++;
    const monitor = this.#monitor;
    monitor?.count(call.command, done.result);
    // Whoever is looked for, a command without an answer is the end of a run.
    if (done.thrown !== undefined) this.#note(everyCommandIsAnswered, done.thrown);
    if (this.#transitions !== null || this.#watch.step.length > 0 || (monitor?.unseen.step.length ?? 0) > 0) {
      const { world, result, effects, thrown } = done;
      const transition: Transition =
        thrown === undefined
          ? { before, command, world, result, effects }
          : { before, command, world, result, effects, thrown };
      this.#transitions?.push(transition);
      for (const property of this.#watch.step) this.#judge(property, () => property.violated(transition));
      if (!this.isOver) monitor?.seeStep(transition, this.#setting.scope);
    }
    if (done.world !== before) this.#lookAtWorld();
    return done;
  }

  /** Looks at what concerns the run as a whole, unless it ended before. */
  end(): void {
    if (this.isOver) return;
    const { rules, scope } = this.#setting;
    for (const property of this.#watch.reachability)
      this.#judge(property, () => property.violated(this.world, rules));
    if (!this.isOver) this.#monitor?.seeEnd(this.world, scope);
    if (this.#transitions === null) return;
    const run: Run = { initial: this.#initial, transitions: this.#transitions };
    for (const property of this.#watch.pair) this.#judge(property, () => property.violated(run, rules));
    if (!this.isOver) this.#monitor?.seeRun(run, scope);
  }

  #lookAtWorld(): void {
    for (const property of this.#watch.state) this.#judge(property, () => property.violated(this.world));
    if (!this.isOver) this.#monitor?.seeWorld(this.world, this.#setting.scope);
  }

  #judge(property: Property, violated: () => string | null): void {
    this.#note(property, judged(violated));
  }

  #note(property: Property, violation: string | null): void {
    if (violation === null || this.found.some((each) => each.property === property)) return;
    this.found.push({ property, calls: this.#calls, violation });
    this.#watch = without(this.#watch, property);
  }
}
