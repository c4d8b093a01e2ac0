import { type Finding, isUnnamed } from './finding.ts';
import type { LiveReport } from './loop.ts';
import { isRacing, RACE_RUNS } from './race.ts';
import { stepText } from './step.ts';

/** What a finding is, in one line. */
export function findingTitle({ is, name, kind, real, model, command }: Finding): string {
  switch (is) {
    case 'deviation':
      return `named deviation ${name} (at ${command})`;
    case 'difference':
      return `${command}: the target says ${real}; the model ${model}`;
    case 'promise':
      return `promise ${name}: ${real}`;
    case 'leak':
      return real;
    default:
      return kind;
  }
}

/** What a finding is and how to get there, for a terminal or a mail. */
export function findingText(finding: Finding): string {
  const { sequence, minimal, steady, ran, count, run, console, chance, order } = finding;
  const tried = isRacing(sequence) ? `, as far as ${RACE_RUNS} runs without it tell` : '';
  const size = minimal
    ? `${sequence.length} steps, none of which can be left out${tried}`
    : `${sequence.length} steps, not yet minimal`;
  return [
    findingTitle(finding),
    `  seen in ${count} ${count === 1 ? 'run' : 'runs'}, first in run ${run}; ${size}${steady || ran === null ? '' : '; it did not show again'}`,
    ...sequence.map((step, index) => `  ${String(index + 1).padStart(2)}  ${stepText(step)}`),
    ...(chance === undefined ? [] : [`  shows in ${chance.shown} of ${chance.of} runs`]),
    ...(order === undefined
      ? []
      : [
          `  the order that fits best: ${order.map((step) => step + 1).join(', ')}; no order explains what the last of them answers`,
        ]),
    ...(console === '' ? [] : ['  the console says', ...console.split('\n').map((line) => `    ${line}`)]),
  ].join('\n');
}

/** How a search went, for a terminal. */
export function liveText(report: LiveReport): string {
  const { findings, coverage, runs, calls, seconds } = report;
  const unnamed = findings.filter(isUnnamed);
  const named = findings.filter(({ is }) => is === 'deviation');
  const promises = findings.filter(({ is }) => is === 'promise');
  const searching = seconds - report.smallSeconds;
  const rate = searching > 0 ? Math.round(calls / searching) : 0;
  const small =
    report.smallSeconds >= 1 ? `, ${report.smallSeconds.toFixed(0)} s of it to make findings small` : '';
  return [
    report.target,
    `${runs} runs, ${report.steps.toLocaleString('en-US')} steps, ${calls.toLocaleString('en-US')} answers compared in ${seconds.toFixed(0)} s${small} (${rate}/s), seed ${report.seed}; ended: ${ENDED[report.ended]}`,
    ...(report.restarts > 0 ? [`${report.restarts} restarts`] : []),
    ...(report.avoided.length > 0
      ? [`not made any more, since each brought the target down: ${report.avoided.join(', ')}`]
      : []),
    '',
    ...coverageLines(coverage),
    '',
    ...section('Named deviations that showed', named.map(findingText)),
    ...section('Promises that the target breaks', promises.map(findingText)),
    ...section('Unnamed', unnamed.map(findingText)),
    unnamed.length === 0 ? 'No unnamed difference.' : `${unnamed.length} unnamed.`,
  ].join('\n');
}

const ENDED: Readonly<Record<LiveReport['ended'], string>> = {
  time: 'the time was over',
  runs: 'all runs were made',
  interrupted: 'interrupted',
  lost: 'the target was lost',
};

function section(title: string, texts: readonly string[]): readonly string[] {
  return texts.length === 0 ? [] : [`${title}:`, '', ...texts.flatMap((text) => [text, ''])];
}

function coverageLines(coverage: LiveReport['coverage']): readonly string[] {
  const names = Object.keys(coverage);
  const width = Math.max(0, ...names.map((name) => name.length));
  return names.map((name) => {
    const counts = Object.entries(coverage[name] ?? {}).map(([errno, count]) => `${errno} ${count}`);
    return `  ${name.padEnd(width)}  ${counts.join(', ')}`;
  });
}

/** The report as JSON: sequences in words, as the text has them. */
export function liveJson(report: LiveReport): object {
  const { platform: _platform, meta: _meta, setups: _setups, ...rest } = report;
  return {
    ...rest,
    findings: report.findings.map(({ sequence, ran: _, ...finding }) => ({
      ...finding,
      unnamed: isUnnamed({ ...finding, sequence, ran: null }),
      steps: sequence.map(stepText),
    })),
  };
}
