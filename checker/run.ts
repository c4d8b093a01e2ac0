import { bootWorld } from '../model/boot.ts';
import { type Bindings, bindResult, type Call, NO_BINDINGS, resolveCall } from '../model/call.ts';
import type { Rules } from '../model/rules.ts';
import { type Step, step } from '../model/step.ts';
import type { World } from '../model/world/world.ts';
import type { Property, Run, Transition } from '../properties/property.ts';
import type { Scope } from '../workload/scopes/scope.ts';
import type { Monitor } from './monitor.ts';
import { type Watch, watchOf, without } from './watch.ts';

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
 * One run from a platform's first world, call by call. A property is looked at until it is violated, and no further
 * in this run.
 */
export class Execution {
  world: World;
  bindings: Bindings = NO_BINDINGS;
  readonly found: Found[] = [];
  readonly #setting: Setting;
  readonly #monitor: Monitor | null;
  readonly #initial: World;
  readonly #transitions: Transition[] | null;
  #watch: Watch;
  #calls = 0;

  constructor(setting: Setting, watch: Watch, monitor: Monitor | null = null) {
    this.#setting = setting;
    this.#watch = watch;
    this.#monitor = monitor;
    this.world = bootWorld(setting.scope.platform);
    this.#initial = this.world;
    const wholeRun = watch.pair.length > 0 || (monitor?.unseen.pair.length ?? 0) > 0;
    this.#transitions = wholeRun ? [] : null;
    this.#lookAtWorld();
  }

  /** One call: names resolved, stepped, its name bound, the properties looked at. */
  apply(call: Call): Step {
    const before = this.world;
    const command = resolveCall(call, this.bindings);
    const done = step(before, command, this.#setting.rules);
    this.bindings = bindResult(call, done.result, this.bindings);
    this.world = done.world;
    this.#calls++;
    const monitor = this.#monitor;
    monitor?.count(call.command, done.result);
    if (this.#transitions !== null || this.#watch.step.length > 0 || (monitor?.unseen.step.length ?? 0) > 0) {
      const { world, result, effects } = done;
      const transition: Transition = { before, command, world, result, effects };
      this.#transitions?.push(transition);
      for (const property of this.#watch.step) this.#note(property, property.violated(transition));
      monitor?.seeStep(transition, this.#setting.scope);
    }
    if (done.world !== before) this.#lookAtWorld();
    return done;
  }

  /** Looks at what concerns the run as a whole. */
  end(): void {
    const { rules, scope } = this.#setting;
    for (const property of this.#watch.reachability)
      this.#note(property, property.violated(this.world, rules));
    this.#monitor?.seeEnd(this.world, scope);
    if (this.#transitions === null) return;
    const run: Run = { initial: this.#initial, transitions: this.#transitions };
    for (const property of this.#watch.pair) this.#note(property, property.violated(run, rules));
    this.#monitor?.seeRun(run, scope);
  }

  #lookAtWorld(): void {
    for (const property of this.#watch.state) this.#note(property, property.violated(this.world));
    this.#monitor?.seeWorld(this.world, this.#setting.scope);
  }

  #note(property: Property, violation: string | null): void {
    if (violation === null) return;
    this.found.push({ property, calls: this.#calls, violation });
    this.#watch = without(this.#watch, property);
  }
}

/** How a property is first violated by these calls, none after that being made; null where it holds. */
export function violationOf(setting: Setting, property: Property, calls: readonly Call[]): Found | null {
  const execution = new Execution(setting, watchOf([property]));
  for (const call of calls) {
    if (execution.found.length > 0) break;
    execution.apply(call);
  }
  if (execution.found.length === 0) execution.end();
  return execution.found[0] ?? null;
}
