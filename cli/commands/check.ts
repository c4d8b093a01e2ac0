import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import { applicable } from '../../checker/applicable.ts';
import { check } from '../../checker/check.ts';
import { DEFAULTS } from '../../checker/defaults.ts';
import { checkInParallel } from '../../checker/parallel/check.ts';
import { orderOf, selectScopes } from '../../checker/platform/select.ts';
import { renderBrief } from '../../checker/render/brief.ts';
import { renderSummary } from '../../checker/render/summary.ts';
import { renderText } from '../../checker/render/text.ts';
import { checkReportToJson } from '../../checker/report.ts';
import { selectGlobs } from '../../checker/select/by-name.ts';
import { isModulePath } from '../../checker/select/module-path.ts';
import { selectRules } from '../../checker/select/rules.ts';
import { shortenAll } from '../../checker/shortest/report.ts';
import { STATES } from '../../checker/shortest/shorten.ts';
import { MAX_STEPS } from '../../checker/trace/limits.ts';
import { ALL_PROPERTIES, PROPERTIES } from '../../properties/index.ts';
import { generateCall } from '../../workload/generator/generate.ts';
import { type ExitCode, exitOf } from '../exit.ts';
import { printJson } from '../json.ts';
import { addSelectors, duration, MAX_WORKERS, wholeNumber } from '../options.ts';
import { paintFor } from '../paint.ts';
import { progressLine } from '../progress.ts';
import { type RunOptions, repeatLine, underText } from '../repeat.ts';
import { addReportOptions, deliver, expectDeliverable, type ReportOptions } from '../reports.ts';
import type { Terminal } from '../terminal.ts';

interface CheckOptions extends RunOptions, ReportOptions {
  readonly runs?: number;
  readonly time?: number;
  readonly workers?: number;
  readonly shortest?: true;
  readonly verbose?: true;
}

/** More traces than this are not all drawn. */
const MANY_TRACES = 2;

/** Runs that are worth the start of further threads, and how many are started unasked. */
const MANY_RUNS = 1000;
const USUAL_WORKERS = 4;

function usualWorkers(runs: number): number {
  return runs < MANY_RUNS ? 1 : Math.min(availableParallelism(), USUAL_WORKERS);
}

/** `nestcheck check` */
export function addCheck(program: Command, terminal: Terminal, end: (code: ExitCode) => void): void {
  const command = program.command('check').description('make random runs and look at every property in each');
  addSelectors(addReportOptions(command))
    .option(
      '--runs <n>',
      `runs in all, the scopes take turns (default: ${DEFAULTS.runs}, with --defect ${DEFAULTS.defectRuns})`,
      wholeNumber(1),
    )
    .option('--steps <n>', 'commands in a run', wholeNumber(1, MAX_STEPS), DEFAULTS.steps)
    .option('--seed <n>', 'the same seed makes the same runs', wholeNumber(0), DEFAULTS.seed)
    .option('--time <duration>', 'begin no run after this long (default: no limit)', duration)
    .option('--verbose', 'print every property, every trace in full, and how much of the interface was seen')
    .option(
      '--workers <n>',
      `threads; any number gives the same report (default: one for each processor, ${USUAL_WORKERS} at most; 1 for fewer than ${MANY_RUNS} runs)`,
      wholeNumber(1, MAX_WORKERS),
    )
    .option('--shortest', 'also look for shorter traces, and say what is proved of their length')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  $ nestcheck check
  $ nestcheck check --design kernel=linux-7.2 --trace-dir traces
  $ nestcheck check --design ./mine.ts --property 'vsmmus-*' --scope one-smmu --runs 500
  $ nestcheck check --defect iova-align-overflow --shortest`,
    )
    .action(async (options: CheckOptions) => {
      end(await runCheck(options, terminal));
    });
}

/** How many runs are made where nobody says: the clock decides only where it is asked to. */
function runsOf({ runs, defect }: CheckOptions): number {
  return runs ?? (defect.length === 0 ? DEFAULTS.runs : DEFAULTS.defectRuns);
}

async function runCheck(options: CheckOptions, terminal: Terminal): Promise<ExitCode> {
  const selection = await selectRules(options.design, options.defect);
  const scopes = await selectScopes(options);
  const asked = selectGlobs(
    'property',
    // Without a name, wishes are not looked at.
    [...(options.property.length === 0 ? PROPERTIES : ALL_PROPERTIES), ...selection.properties],
    ({ id }) => id,
    options.property,
  );
  const properties = applicable(asked, scopes, options.property);
  await expectDeliverable(options);
  const interrupt = new AbortController();
  const ignoreInterrupts = terminal.onInterrupt(() => interrupt.abort());
  const progress = await progressLine(terminal);
  try {
    const runs = runsOf(options);
    const { steps, seed } = options;
    const controls = { signal: interrupt.signal, onProgress: progress.show };
    const amount = { seed, runs, steps, timeLimit: options.time ?? null };
    const workers = options.workers ?? usualWorkers(runs);
    const checked =
      workers === 1
        ? await check({ scopes, properties, selection, generate: generateCall, ...amount }, controls)
        : await checkInParallel(
            {
              designs: options.design,
              defects: options.defect,
              scopes: scopes.map(orderOf),
              properties: properties.map(({ id }) => id),
              ...amount,
            },
            workers,
            controls,
          );
    const report =
      options.shortest === true ? await shortenAll(checked, { scopes, selection }, STATES) : checked;
    progress.end();
    const repeat = repeatLine(options, runs);
    const { properties: reports, seconds } = report;
    const reported = { command: 'check', properties: reports, selection, scopes, seconds, repeat };
    if (options.json) {
      printJson(terminal, 'check', checkReportToJson(report));
      await deliver(reported, options, terminal);
      return exitOf(report.verdict);
    }
    const paint = paintFor(terminal);
    const violated = report.properties.filter(({ trace }) => trace !== null);
    const isWhole = options.verbose === true || violated.length <= MANY_TRACES;
    for (const { property, trace, scope: name } of violated) {
      const scope = scopes.find((each) => each.name === name);
      if (trace === null || scope === undefined) continue;
      const drawing = { scope, rules: selection.rules, property };
      const drawn = isWhole ? renderText(trace, drawing, paint) : renderBrief(trace, drawing);
      terminal.stdout.write(`${drawn}\n\n`);
      // The rest are told by a line each, below.
      if (!isWhole) break;
    }
    const notes = {
      repeat,
      under: underText(selection),
      verbose: options.verbose === true,
      traceDir: options.traceDir ?? null,
      modules: options.design.filter(isModulePath),
    };
    terminal.stdout.write(`${renderSummary(report, notes, paint)}\n`);
    await deliver(reported, options, terminal);
    return exitOf(report.verdict);
  } finally {
    progress.end();
    ignoreInterrupts();
  }
}
