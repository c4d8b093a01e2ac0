import type { Call } from '../../model/call.ts';
import type { Property } from '../../properties/property.ts';
import { appliesTo } from '../applicable.ts';
import { type Coverage, Monitor } from '../monitor.ts';
import type { CheckPlan } from '../plan.ts';
import type { Found } from '../run.ts';
import { type Watch, watchOf } from '../watch.ts';
import { counterexample, exploreSome, RUNS_TOGETHER, type Source, type Start } from './engine.ts';
import { runSeed } from './seed.ts';
import { type Turn, turnAt, turnsOf } from './turns.ts';

/** A violation, by the run that has it, and the minimal calls that show it. */
export interface RunFinding {
  readonly run: number;
  /** Id of the property. */
  readonly property: string;
  readonly scope: string;
  readonly calls: readonly Call[];
}

/** What a number of successive runs gave: plain data, which can come from another thread. */
export interface Stretch {
  readonly from: number;
  /** Runs done, from `from` on. */
  readonly runs: number;
  readonly findings: readonly RunFinding[];
  readonly coverage: Coverage;
  /** Property ids whose witness was reached here first, with the scope. */
  readonly witnesses: Readonly<Record<string, string>>;
}

/** Violating runs that are shrunk per property, to report the smallest. */
export const COUNTEREXAMPLES_COMPARED = 10;

/** The watches of runs in which some properties are looked at no more. */
interface Watches {
  /** Ids of those properties, joined. */
  readonly settled: string;
  readonly byScope: readonly Watch[];
}

/** Makes runs of a plan, in any number of stretches of ascending runs. */
export class Explorer {
  readonly #plan: CheckPlan;
  readonly #sources: readonly Source[];
  #watches: Watches;
  readonly #turns: readonly Turn[];
  readonly #tried = new Map<string, number>();
  #unwitnessed: readonly Property[];

  constructor(plan: CheckPlan) {
    const { scopes, selection, generate, steps } = plan;
    this.#plan = plan;
    this.#sources = scopes.map((scope) => ({ setting: { scope, rules: selection.rules }, generate, steps }));
    this.#watches = watchesOf(plan, []);
    this.#turns = turnsOf(this.#sources, plan.seed);
    this.#unwitnessed = plan.properties;
  }

  /**
   * The runs from `from` on, before `to`, until it is `enough`; then no further run is begun. `settled`: the ids of the
   * properties that are looked at no more. `late`: a second counterexample is not worth its shrinking any more.
   */
  explore(
    from: number,
    to: number,
    settled: readonly string[],
    enough: () => boolean,
    late: () => boolean,
  ): Stretch {
    if (settled.join() !== this.#watches.settled) this.#watches = watchesOf(this.#plan, settled);
    const monitor = new Monitor(this.#unwitnessed);
    const findings: RunFinding[] = [];
    // Without a scope there is nothing to do, and it is done.
    let run = this.#turns.length === 0 ? to : from;
    while (run < to && !enough()) {
      const starts = this.#starts(run, Math.min(to, run + RUNS_TOGETHER));
      const made = exploreSome(starts, monitor);
      run += made.length;
      const last = starts[made.length - 1];
      if (last !== undefined) this.#report(run - 1, last, made.at(-1) ?? [], findings, late);
    }
    const witnesses: Record<string, string> = {};
    for (const property of this.#unwitnessed) {
      const scope = monitor.witnessOf(property);
      if (scope !== null) witnesses[property.id] = scope;
    }
    this.#unwitnessed = this.#unwitnessed.filter(({ id }) => witnesses[id] === undefined);
    return { from, runs: run - from, findings, coverage: monitor.coverage(), witnesses };
  }

  #starts(from: number, to: number): readonly Start[] {
    return Array.from({ length: to - from }, (_, nth) => this.#start(from + nth));
  }

  #start(run: number): Start {
    // There are sources, or explore() would not have come here.
    const { source: at, nth } = turnAt(this.#turns, run) as NonNullable<ReturnType<typeof turnAt>>;
    const source = this.#sources[at] as Source;
    const watch = this.#watches.byScope[at] as Watch;
    return { source, watch, seed: runSeed(this.#plan.seed, source.setting.scope.name, nth) };
  }

  #report(
    run: number,
    { source, seed }: Start,
    found: readonly Found[],
    findings: RunFinding[],
    late: () => boolean,
  ): void {
    const { scope } = source.setting;
    for (const { property } of found) {
      const tried = this.#tried.get(property.id) ?? 0;
      if (tried >= COUNTEREXAMPLES_COMPARED || (tried > 0 && late())) continue;
      const calls = counterexample(source, seed, property);
      findings.push({ run, property: property.id, scope: scope.name, calls });
      this.#tried.set(property.id, tried + 1);
    }
  }
}

function watchesOf({ scopes, properties }: CheckPlan, settled: readonly string[]): Watches {
  const looked = properties.filter(({ id }) => !settled.includes(id));
  return {
    settled: settled.join(),
    byScope: scopes.map((scope) => watchOf(looked.filter((each) => appliesTo(each, scope)))),
  };
}
