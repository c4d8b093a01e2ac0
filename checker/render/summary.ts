import type { Coverage } from '../monitor.ts';
import { shellWord } from '../outside/shell.ts';
import type { CheckReport, PropertyReport, Stopped, Verdict } from '../report.ts';
import { wrap } from './layout.ts';
import type { Paint } from './paint.ts';

/** What a summary says beside the report itself. */
export interface SummaryNotes {
  /** The command line that does it again. */
  readonly repeat: string;
  /** The design and defects that were checked, in words. */
  readonly under: string;
  /** Whether every property is told, and how much of the interface was seen. */
  readonly verbose?: boolean;
  /** Where the traces were written; null: nowhere. */
  readonly traceDir?: string | null;
  /** The user's own modules, without which a trace cannot be replayed. */
  readonly modules?: readonly string[];
}

/** As many properties are told one by one, whatever became of them. */
const FEW = 8;

/** As many are named in a line that tells what became of them together. */
const MOST_NAMED = 24;

/** Whether every property gets its own lines: it is asked for, or there are few. */
export function isWhole(properties: readonly PropertyReport[], { verbose }: SummaryNotes): boolean {
  return verbose === true || properties.length <= FEW;
}

/** What a check found, for a reader who sees one for the first time; what failed stands last. */
export function renderSummary(report: CheckReport, notes: SummaryNotes, paint: Paint): string {
  const { properties, verdict } = report;
  const whole = isWhole(properties, notes);
  return [
    ...(whole
      ? propertyLines(properties, paint, report.runs)
      : foldedLines(properties, `no violation in ${count(report.runs)} runs`, paint)),
    '',
    ...exploredLines(report, notes),
    ...(notes.verbose === true ? coverageLines(report.coverage, paint) : []),
    '',
    ...wrap(verdictText(report), 2).map(paintOf(verdict, paint)),
    ...failedLines(properties, notes, paint),
    ...(whole ? [] : ['Every property, and what was seen of the interface: --verbose, --json.']),
    `Repeat with: ${notes.repeat}`,
  ].join('\n');
}

/** What holds in one line, with how that is known; what nothing was seen of by name. */
export function foldedLines(
  properties: readonly PropertyReport[],
  known: string,
  paint: Paint,
): readonly string[] {
  const of = (wanted: Verdict): readonly PropertyReport[] =>
    properties.filter(({ verdict }) => verdict === wanted);
  const holding = of('holds').length;
  return [
    ...(holding === 0 ? [] : [paint.good(`${counted(holding, 'property', 'properties')}: ${known}.`)]),
    ...named('vacuous (nothing that they speak of ever happened)', of('vacuous')),
    ...named('without a verdict so far', of('inconclusive')),
  ];
}

/** Some properties by name, in as many lines as that takes. */
function named(what: string, reports: readonly PropertyReport[]): readonly string[] {
  if (reports.length === 0) return [];
  const names = reports.slice(0, MOST_NAMED).map(({ property }) => property.id);
  const more = reports.length - names.length;
  return wrap(
    `${reports.length} ${what}: ${names.join(', ')}${more === 0 ? '' : ` and ${more} more (--verbose)`}`,
    2,
  );
}

/** What is violated, each in a line with its trace, and what to do next. */
export function failedLines(
  properties: readonly PropertyReport[],
  { traceDir = null, repeat, modules = [] }: SummaryNotes,
  paint: Paint,
): readonly string[] {
  const failed = properties.filter(({ verdict }) => verdict === 'violated');
  const [first] = failed;
  if (first === undefined) return [];
  const width = Math.max(...failed.map(({ property }) => property.id.length));
  const lines = failed.map(({ property, trace, scope }) => {
    const steps = `${counted(trace?.steps.length ?? 0, 'step')}, ${scope}`;
    const path = traceDir === null ? '' : `  ${traceDir}/${property.id}.json`;
    const cost = property.wish === true ? '  (a wish: this design costs it)' : '';
    return `  ${paint.bad(property.id.padEnd(width))}  ${steps}${path}${cost}`;
  });
  const next =
    traceDir === null
      ? `Next: write the traces with ${repeat} --trace-dir traces`
      : `Next: nestcheck replay ${[...modules.map((each) => `--design ${shellWord(each)}`), shellWord(`${traceDir}/${first.property.id}.json`)].join(' ')}`;
  return [...lines, ...wrap(next, 2)];
}

/** Every property with its verdict. */
export function propertyLines(
  properties: readonly PropertyReport[],
  paint: Paint,
  /** Random runs; left out where states were searched. */
  runs?: number,
): readonly string[] {
  const width = Math.max(0, ...properties.map(({ property }) => property.id.length));
  return properties.flatMap((report) => {
    const { property, verdict } = report;
    const paintIt = paintOf(verdict, paint);
    const head = `${verdict.padEnd(12)} ${property.id.padEnd(width)}  `;
    const [first = '', ...rest] = wrap(`${head}${property.sentence}${remark(report, runs)}`, 13);
    return [paintIt(first.slice(0, 12)) + first.slice(12), ...rest];
  });
}

function remark({ verdict, scope, trace }: PropertyReport, runs: number | undefined): string {
  if (verdict === 'holds' && runs !== undefined) return ` (no violation in ${count(runs)} runs)`;
  if (verdict === 'violated') return ` (in ${counted(trace?.steps.length ?? 0, 'step')}, scope ${scope})`;
  if (verdict === 'vacuous') return ' (nothing that it speaks of ever happened)';
  return '';
}

function exploredLines(report: CheckReport, { under }: SummaryNotes): readonly string[] {
  const { runs, plannedRuns, stepsPerRun, steps, seconds, seed, scopes } = report;
  const planned = runs === plannedRuns ? '' : ` of ${count(plannedRuns)} planned`;
  return [
    ...wrap(
      `Explored: ${count(runs)} random runs${planned} of ${stepsPerRun} commands each, ${count(steps)} commands in ` +
        `${seconds.toFixed(1)} s, seed ${seed}`,
      2,
    ),
    ...wrap(`Scopes: ${scopes.join(', ')}. Rules: ${under}`, 2),
  ];
}

/** How much of the interface was seen: commands, and how each ended. The counts themselves are for `--json`. */
export function coverageLines(coverage: Coverage, paint: Paint): readonly string[] {
  const rows = Object.entries(coverage);
  const outcomes = rows.reduce((sum, [, row]) => sum + Object.keys(row).length, 0);
  const made = rows.filter(([, row]) => Object.keys(row).length > 0);
  const lacking = (what: string, commands: typeof rows): readonly string[] => {
    if (commands.length === 0) return [];
    return wrap(`  ${what}: ${commands.map(([command]) => command).join(', ')}`, 4).map(paint.dim);
  };
  return [
    ...wrap(
      `Commands: ${made.length} of ${rows.length} were made, with ${outcomes} different outcomes (a command with ` +
        'ok or an errno; --json counts each)',
      2,
    ),
    ...lacking(
      'never with success',
      made.filter(([, row]) => row.ok === undefined),
    ),
    ...lacking(
      'never made',
      rows.filter((row) => !made.includes(row)),
    ),
  ];
}

function verdictText({ verdict, properties, stopped }: CheckReport): string {
  const of = (wanted: Verdict): number => properties.filter((each) => each.verdict === wanted).length;
  const all = properties.length;
  switch (verdict) {
    case 'holds':
      return `Holds: ${all === 1 ? 'the property was not' : `none of the ${all} properties was`} violated in what was explored.`;
    case 'violated':
      return `Violated: ${of('violated')} of ${counted(all, 'property', 'properties')}.${alsoVacuous(of('vacuous'))}`;
    case 'vacuous':
      return `Vacuous: ${of('vacuous')} of ${counted(all, 'property', 'properties')} had nothing to speak of; more --runs or --steps may reach it.`;
    case 'inconclusive':
      return `Inconclusive: ${whyStopped(stopped)}; no property was violated so far.`;
  }
}

function alsoVacuous(vacuous: number): string {
  return vacuous === 0 ? '' : ` ${vacuous} had nothing to speak of (vacuous).`;
}

function whyStopped(stopped: Stopped): string {
  return stopped === 'interrupt' ? 'it was interrupted' : 'the time budget ended before all runs were done';
}

export function paintOf(verdict: Verdict, paint: Paint): (text: string) => string {
  switch (verdict) {
    case 'holds':
      return paint.good;
    case 'violated':
      return paint.bad;
    default:
      return paint.warn;
  }
}

/** `1 step`, `2 steps` */
export function counted(number: number, one: string, several = `${one}s`): string {
  return `${count(number)} ${number === 1 ? one : several}`;
}

function count(number: number): string {
  return number.toLocaleString('en-US');
}
