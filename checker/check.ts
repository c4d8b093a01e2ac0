import type { Property } from '../properties/property.ts';
import type { Scope } from '../properties/scopes/scope.ts';
import { appliesTo } from './applicable.ts';
import { Counterexamples } from './counterexamples.ts';
import { Monitor } from './monitor.ts';
import { counterexample, explore, type Generate, type Source } from './random/engine.ts';
import { runSeed } from './random/seed.ts';
import { recordTrace, type Selection } from './record.ts';
import { type CheckReport, overallVerdict, type PropertyReport, type Stopped } from './report.ts';
import { watchOf, without } from './watch.ts';

/** What to check, and how much of it. */
export interface CheckPlan {
  readonly scopes: readonly Scope[];
  readonly properties: readonly Property[];
  readonly selection: Selection;
  readonly generate: Generate;
  readonly seed: number;
  /** Runs in all; the scopes take turns. */
  readonly runs: number;
  /** Commands in a run. */
  readonly steps: number;
  /** Milliseconds after which no further run is begun; null: all runs are done. */
  readonly timeLimit: number | null;
}

export interface Progress {
  readonly runs: number;
  readonly plannedRuns: number;
  readonly steps: number;
  /** Properties violated so far. */
  readonly violated: number;
}

export interface Controls {
  /** Ends the check after the run at hand. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

/** Violating runs that are shrunk per property, to report the smallest; after these it is looked at no more. */
const COUNTEREXAMPLES_COMPARED = 10;

/** How long to go on, in milliseconds, before interrupts are let in and progress is shown. */
const BREATH = 80;

/**
 * Makes random runs and looks at every property in each. The same plan gives the same report (but for `seconds`),
 * unless the time limit or the signal ends it early, which the report then says.
 */
export async function check(plan: CheckPlan, controls: Controls = {}): Promise<CheckReport> {
  const { scopes, properties, selection } = plan;
  const started = performance.now();
  const monitor = new Monitor(properties);
  const counterexamples = new Counterexamples();
  const sources = scopes.map((scope): Source => {
    return { setting: { scope, rules: selection.rules }, generate: plan.generate, steps: plan.steps };
  });
  const deadline = plan.timeLimit === null ? Number.POSITIVE_INFINITY : started + plan.timeLimit;
  const watches = scopes.map((scope) => watchOf(properties.filter((each) => appliesTo(each, scope))));
  let stopped: Stopped = null;
  let breathed = started;
  let runs = 0;
  while (runs < plan.runs) {
    const now = performance.now();
    if (now >= deadline) stopped = 'time';
    if (now - breathed >= BREATH) {
      const violated = counterexamples.size;
      controls.onProgress?.({ runs, plannedRuns: plan.runs, steps: runs * plan.steps, violated });
      await new Promise((resolve) => setTimeout(resolve, 0));
      breathed = performance.now();
    }
    if (controls.signal?.aborted === true) stopped = 'interrupt';
    const turn = runs % sources.length;
    const source = sources[turn];
    const watch = watches[turn];
    if (stopped !== null || source === undefined || watch === undefined) break;
    const { scope } = source.setting;
    const seed = runSeed(plan.seed, scope.name, Math.floor(runs / sources.length));
    for (const { property } of explore(source, seed, watch, monitor)) {
      if (counterexamples.tried(property) > 0 && performance.now() >= deadline) continue;
      counterexamples.add(property, { scope, calls: counterexample(source, seed, property) });
      if (counterexamples.tried(property) < COUNTEREXAMPLES_COMPARED) continue;
      for (const [index, each] of watches.entries()) watches[index] = without(each, property);
    }
    runs++;
  }
  const reports = properties.map((property) => {
    return reportOf(property, selection, counterexamples, monitor.witnessOf(property), stopped);
  });
  return {
    verdict: overallVerdict(reports.map(({ verdict }) => verdict)),
    properties: reports,
    scopes: scopes.map(({ name }) => name),
    seed: plan.seed,
    runs,
    plannedRuns: plan.runs,
    stepsPerRun: plan.steps,
    steps: runs * plan.steps,
    seconds: Math.round(performance.now() - started) / 1000,
    stopped,
    coverage: monitor.coverage(),
  };
}

function reportOf(
  property: Property,
  selection: Selection,
  counterexamples: Counterexamples,
  witness: string | null,
  stopped: Stopped,
): PropertyReport {
  const found = counterexamples.of(property);
  if (found !== null) {
    const showing = { property, guarantee: '1-minimal' } as const;
    const trace = recordTrace(found.scope, selection, found.calls, showing);
    return { property, verdict: 'violated', scope: found.scope.name, trace };
  }
  const verdict = stopped !== null ? 'inconclusive' : witness === null ? 'vacuous' : 'holds';
  return { property, verdict, scope: witness, trace: null };
}
