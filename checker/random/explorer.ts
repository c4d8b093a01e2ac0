import type { Call } from '../../properties/commands/call.ts';
import type { Property } from '../../properties/property.ts';
import type { Scope } from '../../properties/scopes/scope.ts';
import { appliesTo } from '../applicable.ts';
import { type Coverage, Monitor } from '../monitor.ts';
import type { CheckPlan } from '../plan.ts';
import { type Watch, watchOf, without } from '../watch.ts';
import { counterexample, explore, type Source } from './engine.ts';
import { runSeed } from './seed.ts';

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

/** Violating runs that are shrunk per property, to report the smallest; after these it is looked at no more. */
export const COUNTEREXAMPLES_COMPARED = 10;

/** Makes runs of a plan, in any number of stretches of ascending runs. */
export class Explorer {
  readonly #plan: CheckPlan;
  readonly #sources: readonly Source[];
  readonly #watches: Watch[];
  readonly #turns: readonly Turn[];
  readonly #tried = new Map<string, number>();
  #unwitnessed: readonly Property[];

  constructor(plan: CheckPlan) {
    const { scopes, properties, selection, generate, steps } = plan;
    this.#plan = plan;
    this.#sources = scopes.map((scope) => ({ setting: { scope, rules: selection.rules }, generate, steps }));
    this.#watches = scopes.map((scope) => watchOf(properties.filter((each) => appliesTo(each, scope))));
    this.#turns = turnsOf(scopes);
    this.#unwitnessed = properties;
  }

  /**
   * The runs from `from` on, before `to`, until it is `enough`; then no further run is begun. `late`: a second
   * counterexample is not worth its shrinking any more.
   */
  explore(from: number, to: number, enough: () => boolean, late: () => boolean): Stretch {
    const monitor = new Monitor(this.#unwitnessed);
    const findings: RunFinding[] = [];
    let run = from;
    for (; run < to && !enough(); run++) this.#run(run, monitor, findings, late);
    const witnesses: Record<string, string> = {};
    for (const property of this.#unwitnessed) {
      const scope = monitor.witnessOf(property);
      if (scope !== null) witnesses[property.id] = scope;
    }
    this.#unwitnessed = this.#unwitnessed.filter(({ id }) => witnesses[id] === undefined);
    return { from, runs: run - from, findings, coverage: monitor.coverage(), witnesses };
  }

  #run(run: number, monitor: Monitor, findings: RunFinding[], late: () => boolean): void {
    const turn = this.#turns[run % this.#turns.length];
    const source = this.#sources[turn?.scope ?? 0];
    const watch = this.#watches[turn?.scope ?? 0];
    if (turn === undefined || source === undefined || watch === undefined) return;
    const { scope } = source.setting;
    const nth = Math.floor(run / this.#turns.length) * turn.of + turn.nth;
    const seed = runSeed(this.#plan.seed, scope.name, nth);
    for (const { property } of explore(source, seed, watch, monitor)) {
      const tried = this.#tried.get(property.id) ?? 0;
      if (tried > 0 && late()) continue;
      const calls = counterexample(source, seed, property);
      findings.push({ run, property: property.id, scope: scope.name, calls });
      this.#tried.set(property.id, tried + 1);
      if (tried + 1 < COUNTEREXAMPLES_COMPARED) continue;
      for (const [index, each] of this.#watches.entries()) this.#watches[index] = without(each, property);
    }
  }
}

/** One run of a round: the `nth` of those (`of`) that a scope has in it. */
interface Turn {
  readonly scope: number;
  readonly nth: number;
  readonly of: number;
}

/** Every scope once, then again those that have more than one run in a round. */
function turnsOf(scopes: readonly Scope[]): readonly Turn[] {
  const turns: Turn[] = [];
  const most = Math.max(0, ...scopes.map(({ share = 1 }) => share));
  for (let nth = 0; nth < most; nth++) {
    for (const [scope, { share = 1 }] of scopes.entries())
      if (nth < share) turns.push({ scope, nth, of: share });
  }
  return turns;
}
