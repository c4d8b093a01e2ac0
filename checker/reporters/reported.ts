import type { Scope } from '../../workload/scopes/scope.ts';
import type { Selection } from '../record.ts';
import type { Drawing } from '../render/text.ts';
import { underWords } from '../render/under.ts';
import type { PropertyReport } from '../report.ts';
import type { Trace } from '../trace/trace.ts';

/** What reporters tell: the outcome of a check or an exploration, property by property. */
export interface Reported {
  /** `check` or `explore` */
  readonly command: string;
  readonly properties: readonly PropertyReport[];
  readonly selection: Selection;
  readonly scopes: readonly Scope[];
  readonly seconds: number;
  /** The command line that does it again. */
  readonly repeat: string;
}

/** A property that is violated. */
export interface Violated extends PropertyReport {
  readonly trace: Trace;
}

export function isViolated(report: PropertyReport): report is Violated {
  return report.trace !== null;
}

/** What drawing a violation needs. */
export function drawingOf({ scopes, selection }: Reported, { property, trace }: Violated): Drawing {
  const scope = scopes.find(({ name }) => name === trace.scope);
  if (scope === undefined) throw new Error(`a trace on scope ${trace.scope}, which was not looked at`);
  return { scope, rules: selection.rules, property };
}

/** Why there is no verdict on a property, in words; null where there is one. */
export function whyUndecided({ verdict }: PropertyReport): string | null {
  switch (verdict) {
    case 'vacuous':
      return 'nothing that it speaks of ever happened';
    case 'inconclusive':
      return 'the budget ended before a verdict';
    case 'holds':
    case 'violated':
      return null;
  }
}

/** `kernel=linux-7.2`, `defect iova-align-overflow` */
export function underOf(selection: Selection): readonly string[] {
  return underWords(selection);
}
