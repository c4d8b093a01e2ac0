import type { Scope } from '../../workload/scopes/scope.ts';
import { wrap } from '../render/layout.ts';
import { type Paint, PLAIN } from '../render/paint.ts';
import { stepLines } from '../render/text.ts';
import { tell } from '../render/told.ts';
import { traceToJson } from '../trace/encode.ts';
import type { Trace } from '../trace/trace.ts';
import type { RulesPair } from './lockstep.ts';

/** How much was looked at. */
export interface DiffBound {
  /**
   * Every sequence of up to this many commands was tried, in every scope: of those that exploration tries, or where a scope
   * is not explored, of those that make sense.
   */
  readonly depth: number;
  /** False where a world had more forms of a command than are tried. */
  readonly complete: boolean;
  /** Random runs. */
  readonly runs: number;
}

/** Calls of which the last is answered differently, as recorded under each design. */
export interface Difference {
  readonly scope: Scope;
  readonly traces: readonly [Trace, Trace];
  readonly rules: RulesPair;
}

/** What the comparison of two designs found. `inconclusive`: it ended before its plan. */
export interface DiffReport {
  readonly verdict: 'differ' | 'same' | 'inconclusive';
  readonly designs: readonly [string, string];
  /** Where it looked: those behind a difference of a single command are not needed. */
  readonly scopes: readonly string[];
  readonly difference: Difference | null;
  readonly bound: DiffBound;
}

/** The report as `--json` prints it; `trace` is the first design's, `answers` are both designs' to its last call. */
export function diffReportToJson({ verdict, designs, scopes, difference, bound }: DiffReport): object {
  const traces = difference?.traces.map(traceToJson) ?? null;
  return {
    verdict,
    designs,
    scopes,
    scope: difference?.scope.name ?? null,
    trace: traces?.[0] ?? null,
    answers:
      traces?.map(({ steps }) => (steps as readonly { readonly result: object }[]).at(-1)?.result) ?? null,
    bound,
  };
}

/** The trace as the first design answers it, what each design answers to its last call, and what was looked at. */
export function renderDiff(report: DiffReport, paint: Paint = PLAIN): string {
  const { difference, designs, verdict } = report;
  if (difference === null) {
    const what =
      verdict === 'same'
        ? `Same: ${designs[0]} and ${designs[1]} answered everything alike.`
        : `Inconclusive: the time ended, or it was interrupted, before ${designs[0]} and ${designs[1]} differed.`;
    return [...wrap(what, 2).map(paint.bold), ...boundLines(report)].join('\n');
  }
  const { scope, traces, rules } = difference;
  const [trace] = traces;
  const drawn = stepLines(trace, { scope, rules: rules[0] }, paint);
  const answers = designs.flatMap((design, index) => {
    const last = tell(scope, rules[index] ?? rules[0], trace.steps).at(-1);
    const remarks = (last?.effects ?? []).flatMap((effect) =>
      effect.kind === 'remark' ? [effect.text] : [],
    );
    const why = remarks.length === 0 ? '' : ` (${remarks.join('; ')})`;
    return wrap(`${design} answers ${last?.answer}${why}`, 2).map(paint.bold);
  });
  const count = `${trace.steps.length} ${trace.steps.length === 1 ? 'command' : 'commands'}`;
  const tried =
    trace.bound?.alphabet === 'own' ? 'these commands' : `the commands that are tried in ${scope.name}`;
  const guarantee =
    trace.guarantee === 'shortest'
      ? `No shorter sequence of ${tried} is answered differently (${count}).`
      : `None of the ${count} can be left out or made simpler.`;
  return [...drawn, ...answers, ...wrap(`Differ: ${guarantee}`, 2), ...boundLines(report)].join('\n');
}

function boundLines({ bound: { depth, complete, runs }, scopes }: DiffReport): readonly string[] {
  const cut = complete ? '' : ' (of commands with very many forms, only the first)';
  const random = runs === 0 ? '' : `, ${runs.toLocaleString('en-US')} random runs`;
  const where = scopes.length === 1 ? scopes[0] : `${scopes.length} scopes`;
  return wrap(
    `Explored: all sequences of up to ${depth} ${depth === 1 ? 'command' : 'commands'}${cut}${random}, in ${where}.`,
    2,
  );
}
