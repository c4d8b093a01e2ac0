import { wrap } from '../render/layout.ts';
import type { Paint } from '../render/paint.ts';
import {
  counted,
  coverageLines,
  failedLines,
  foldedLines,
  isWhole,
  paintOf,
  propertyLines,
  type SummaryNotes,
} from '../render/summary.ts';
import { isComplete, stoppedBy } from './ended.ts';
import type { ExploreReport } from './explore.ts';
import { neverReached } from './never-reached.ts';
import type { ScopeReport } from './scope-report.ts';

/** What an exploration found and how far it came, for a terminal or a mail. */
export function renderExploration(report: ExploreReport, notes: SummaryNotes, paint: Paint): string {
  const properties = report.properties.map(({ traces, ...each }) => ({ ...each, trace: traces[0] ?? null }));
  const whole = isWhole(properties, notes);
  const known = isComplete(report) ? 'no violation in any state or step' : 'no violation within this depth';
  return [
    ...(whole ? propertyLines(properties, paint) : foldedLines(properties, known, paint)),
    ...undecidedLines(report).map(paint.dim),
    '',
    ...report.scopes.flatMap((scope) => wrap(scopeText(scope), 2)),
    ...wrap(`Rules: ${notes.under}`, 2),
    ...(notes.verbose === true
      ? [...coverageLines(report.coverage, paint), ...neverLines(report).map(paint.dim)]
      : [`${whole ? 'What' : 'Every property, and what'} was seen of the interface: --verbose, --json.`]),
    '',
    ...wrap(verdictText(report), 2).map(paintOf(report.verdict, paint)),
    ...failedLines(properties, notes, paint),
    `Repeat with: ${notes.repeat}`,
  ].join('\n');
}

function undecidedLines({ undecided }: ExploreReport): readonly string[] {
  if (undecided.length === 0) return [];
  const names = undecided.map(({ id }) => id).join(', ');
  return wrap(`not decided  they compare whole runs, which check makes: ${names}`, 13);
}

function scopeText(report: ScopeReport): string {
  const { scope, states, unreducedStates, moves, transitions, depth, seconds, bytesPerState, collisions } =
    report;
  const reduced = states === unreducedStates ? '' : ` (for ${count(unreducedStates)} without symmetry)`;
  const stand = moves === transitions ? '' : ` (for ${count(transitions)})`;
  return (
    `${scope}: ${ENDS[report.ended]} ${depth} commands: ${count(states)} states${reduced}, ${count(moves)} ` +
    `transitions${stand}, ${seconds.toFixed(1)} s, ${bytesPerState.toFixed(1)} bytes per state; ` +
    `two states were taken for one with a chance of at most ${collisions.toExponential(1)}`
  );
}

const ENDS: Readonly<Record<ScopeReport['ended'], string>> = {
  exhausted: 'complete at',
  decided: 'all was decided within',
  depth: 'complete up to',
  states: 'the limit of states ended it after',
  time: 'the time ended it after',
  memory: 'a full heap ended it after',
  interrupt: 'interrupted after',
};

function neverLines(report: ExploreReport): readonly string[] {
  const never = Object.entries(neverReached(report));
  if (never.length === 0) return [];
  const each = never.map(([command, outcomes = []]) => `${command} ${outcomes.join(' ')}`);
  return wrap(`  never with: ${each.join(', ')}`, 4);
}

function verdictText(report: ExploreReport): string {
  const { verdict, properties } = report;
  const vacuous = properties.filter((each) => each.verdict === 'vacuous').length;
  switch (verdict) {
    case 'holds':
      return isComplete(report)
        ? `Holds: ${noneOf(properties.length)} violated in any state or step of these scopes.`
        : `Holds: ${noneOf(properties.length)} violated within this depth.`;
    case 'violated': {
      const violated = properties.filter((each) => each.verdict === 'violated').length;
      const also = vacuous === 0 ? '' : ` ${vacuous} had nothing to speak of (vacuous).`;
      return `Violated: ${violated} of ${counted(properties.length, 'property', 'properties')}; the traces above show how.${also}`;
    }
    case 'vacuous':
      return `Vacuous: ${vacuous} of ${properties.length} properties had nothing to speak of in these scopes.`;
    case 'inconclusive':
      return `Inconclusive: ${WHY[stoppedBy(report) ?? 'time']}; no property was violated so far.`;
  }
}

const WHY = {
  time: 'the time budget ended before all states were seen',
  states: 'there are more states than it may keep',
  memory: 'the heap is nearly full; a larger one (NODE_OPTIONS=--max-old-space-size=…) sees more',
  interrupt: 'it was interrupted',
} as const;

function noneOf(properties: number): string {
  return properties === 1 ? 'the property is not' : `none of the ${properties} properties is`;
}

function count(number: number): string {
  return number.toLocaleString('en-US');
}
