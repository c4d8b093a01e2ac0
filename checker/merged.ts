import type { CommandName } from '../model/world/command.ts';
import { everyCommandIsAnswered } from '../properties/iommufd/every-command-is-answered.ts';
import type { Property } from '../properties/property.ts';
import { Counterexamples } from './counterexamples.ts';
import { byOutcome, type Coverage } from './monitor.ts';
import type { CheckPlan } from './plan.ts';
import { COUNTEREXAMPLES_COMPARED, type Stretch } from './random/explorer.ts';
import { recordTrace } from './record.ts';
import { type CheckReport, overallVerdict, type PropertyReport, type Stopped } from './report.ts';

/**
 * Runs of a round. A run ends where it first violates a property, so a property with counterexamples enough is looked
 * at no more, or it would hide the others. Which these are is decided between rounds, so that it depends on the number
 * of a run alone; and a round late, so that threads do not wait for each other.
 */
const ROUND = 100;

/**
 * The runs of a check put together in their order, whoever made them: the same runs give the same report.
 */
export class Merged {
  /** Runs so far, from the first. */
  runs = 0;
  readonly #plan: CheckPlan;
  /** After each round, the ids of the properties that have counterexamples enough. */
  readonly #settled: string[][] = [];
  readonly #counterexamples = new Counterexamples();
  readonly #witnesses = new Map<string, string>();
  readonly #counts = new Map<string, Map<string, number>>();

  constructor(plan: CheckPlan) {
    this.#plan = plan;
  }

  /** Properties violated so far. */
  get violated(): number {
    return this.#counterexamples.size;
  }

  /** The last run of a round, and one more. */
  roundEnd(run: number): number {
    return (Math.floor(run / ROUND) + 1) * ROUND;
  }

  /** Ids of the properties that a run does not look at; null while the runs that decide it are not all here. */
  settledFor(run: number): readonly string[] | null {
    const round = Math.floor(run / ROUND);
    return round < 2 ? [] : (this.#settled[round - 2] ?? null);
  }

  /** Adds the runs that follow those so far: of one round. */
  add({ runs, findings, coverage, witnesses }: Stretch): void {
    const { properties, scopes } = this.#plan;
    this.runs += runs;
    for (const [id, scope] of Object.entries(witnesses))
      if (!this.#witnesses.has(id)) this.#witnesses.set(id, scope);
    for (const { property: id, scope: name, calls } of findings) {
      // Whatever was asked for, a command without an answer is always told.
      const property = [...properties, everyCommandIsAnswered].find((each) => each.id === id);
      const scope = scopes.find((each) => each.name === name);
      if (property === undefined || scope === undefined) throw new Error(`no ${id} on ${name} in the plan`);
      if (this.#counterexamples.tried(property) < COUNTEREXAMPLES_COMPARED)
        this.#counterexamples.add(property, { scope, calls });
    }
    for (const [command, row] of Object.entries(coverage)) this.#count(command, row);
    if (runs > 0 && this.runs % ROUND === 0) this.#settled.push(this.#settledNow());
  }

  report(stopped: Stopped, milliseconds: number): CheckReport {
    const { properties, scopes, seed, runs: plannedRuns, steps } = this.#plan;
    const unasked = !properties.includes(everyCommandIsAnswered);
    const told =
      unasked && this.#counterexamples.of(everyCommandIsAnswered) !== null
        ? [...properties, everyCommandIsAnswered]
        : properties;
    const reports = told.map((property) => this.#reportOf(property, stopped));
    return {
      verdict: overallVerdict(reports.map(({ verdict }) => verdict)),
      properties: reports,
      scopes: scopes.map(({ name }) => name),
      seed,
      runs: this.runs,
      plannedRuns,
      stepsPerRun: steps,
      steps: this.runs * steps,
      seconds: Math.round(milliseconds) / 1000,
      stopped,
      coverage: this.#coverage(),
    };
  }

  #reportOf(property: Property, stopped: Stopped): PropertyReport {
    const found = this.#counterexamples.of(property);
    if (found !== null) {
      const showing = { property, guarantee: '1-minimal' } as const;
      const trace = recordTrace(found.scope, this.#plan.selection, found.calls, showing);
      return { property, verdict: 'violated', scope: found.scope.name, trace };
    }
    const witness = this.#witnesses.get(property.id) ?? null;
    const verdict = stopped !== null ? 'inconclusive' : witness === null ? 'vacuous' : 'holds';
    return { property, verdict, scope: witness, trace: null };
  }

  #settledNow(): string[] {
    const { properties } = this.#plan;
    return properties
      .filter((each) => this.#counterexamples.tried(each) >= COUNTEREXAMPLES_COMPARED)
      .map(({ id }) => id);
  }

  #count(command: string, row: Coverage[CommandName]): void {
    const counts = this.#counts.get(command) ?? new Map<string, number>();
    this.#counts.set(command, counts);
    for (const [outcome, times] of Object.entries(row))
      counts.set(outcome, (counts.get(outcome) ?? 0) + times);
  }

  #coverage(): Coverage {
    const rows = [...this.#counts].map(([command, row]) => {
      return [command, Object.fromEntries([...row].sort(([a], [b]) => byOutcome(a, b)))];
    });
    // One row for each command: every stretch has them all.
    return Object.fromEntries(rows) as Coverage;
  }
}
