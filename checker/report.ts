import type { Property } from '../properties/property.ts';
import type { Coverage } from './monitor.ts';
import { traceToJson } from './trace/encode.ts';
import type { Trace } from './trace/trace.ts';

/**
 * `holds`: no violation in all that was planned, and the property's witness was reached. `vacuous`: no violation,
 * but nothing that the property speaks of ever happened. `inconclusive`: the check ended before its plan.
 */
export type Verdict = 'holds' | 'violated' | 'vacuous' | 'inconclusive';

/** What became of one property. */
export interface PropertyReport {
  readonly property: Property;
  readonly verdict: Verdict;
  /** Where it is violated, else where its witness was first reached, else null. */
  readonly scope: string | null;
  /** The smallest counterexample found. */
  readonly trace: Trace | null;
}

/** What ended a check before its plan: the time budget or an interrupt; null: the plan was carried out. */
export type Stopped = 'time' | 'interrupt' | null;

/** What a check found, and what it looked at to find it. */
export interface CheckReport {
  readonly verdict: Verdict;
  readonly properties: readonly PropertyReport[];
  readonly scopes: readonly string[];
  readonly seed: number;
  /** Runs done, and runs that were planned. */
  readonly runs: number;
  readonly plannedRuns: number;
  /** Commands in a run, and in all runs together. */
  readonly stepsPerRun: number;
  readonly steps: number;
  readonly seconds: number;
  readonly stopped: Stopped;
  readonly coverage: Coverage;
}

/** The verdict of a whole check: a violation first, then what keeps it from a verdict, then vacuity. */
export function overallVerdict(verdicts: readonly Verdict[]): Verdict {
  for (const verdict of ['violated', 'inconclusive', 'vacuous'] as const) {
    if (verdicts.includes(verdict)) return verdict;
  }
  return 'holds';
}

/**
 * The report as `--json` prints it. `states` and `transitions` count distinct ones; the random engine does not tell
 * worlds apart, so it says null rather than a number that it does not know.
 */
export function checkReportToJson(report: CheckReport): object {
  return {
    schema: 'nestcheck/1',
    command: 'check',
    verdict: report.verdict,
    properties: report.properties.map(({ property, verdict, scope, trace }) => ({
      id: property.id,
      verdict,
      scope,
      ...(trace === null ? {} : { trace: traceToJson(trace) }),
    })),
    scopes: report.scopes,
    runs: report.runs,
    plannedRuns: report.plannedRuns,
    steps: report.steps,
    states: null,
    transitions: null,
    seconds: report.seconds,
    seed: report.seed,
    stopped: report.stopped,
    coverage: report.coverage,
  };
}
