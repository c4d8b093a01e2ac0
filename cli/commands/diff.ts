import type { Command } from 'commander';
import { DEFAULTS } from '../../checker/defaults.ts';
import { triedCalls } from '../../checker/diff/alphabet.ts';
import { type DiffProgress, diff } from '../../checker/diff/diff.ts';
import { type DiffReport, diffReportToJson, renderDiff } from '../../checker/diff/report.ts';
import { selectScopes } from '../../checker/platform/select.ts';
import { selectRules } from '../../checker/select/rules.ts';
import { generateCall } from '../../workload/generator/generate.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { printJson } from '../json.ts';
import { duration, platformOption, repeatable, settingOption, wholeNumber } from '../options.ts';
import { paintFor } from '../paint.ts';
import { spinnerOn } from '../spinner.ts';
import type { Terminal } from '../terminal.ts';

interface DiffOptions {
  readonly scope: readonly string[];
  readonly platform?: string;
  readonly set: readonly string[];
  readonly depth?: number;
  readonly runs?: number;
  readonly seed?: number;
  readonly time?: number;
  readonly json?: true;
}

/** Pairs of worlds that are searched, where neither a depth nor a time is asked for; the scopes share them. */
const PAIRS = 1000;

/** Random runs where the search has found nothing; the scopes share them. */
const RUNS = 2000;

const ENDS: Readonly<Record<DiffReport['verdict'], ExitCode>> = {
  same: EXIT.ok,
  differ: EXIT.disagrees,
  inconclusive: EXIT.noVerdict,
};

/** `nestcheck diff` */
export function addDiff(program: Command, terminal: Terminal, end: (code: ExitCode) => void): void {
  program
    .command('diff')
    .description('find the shortest sequence of commands that two designs answer differently')
    .argument('<design>', 'choices such as vsmmu=inherit, or a module of your own')
    .argument('<design>', 'what to compare it with')
    .addOption(repeatable('--scope <name>', 'only on this platform', 'all'))
    .addOption(platformOption())
    .addOption(settingOption())
    .option('--depth <n>', 'search sequences up to this long, and make no random runs', wholeNumber(1))
    .option(
      '--runs <n>',
      `random runs where the search finds nothing, in all (default: ${RUNS})`,
      wholeNumber(1),
    )
    .option('--seed <n>', `the same seed makes the same runs (default: ${DEFAULTS.seed})`, wholeNumber(0))
    .option(
      '--time <duration>',
      'look this long in all, half of it in the search (default: no limit)',
      duration,
    )
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  $ nestcheck diff kernel=intended kernel=linux-7.2
  $ nestcheck diff vsmmu=inherit vsmmu=least-common --scope mixed-host
  $ nestcheck diff msi=rmr-window ./mine.ts --time 2m`,
    )
    .action(async (first: string, second: string, options: DiffOptions) => {
      end(await runDiff([first, second], options, terminal));
    });
}

async function runDiff(
  names: readonly [string, string],
  options: DiffOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const selections = [await selectRules([names[0]], []), await selectRules([names[1]], [])] as const;
  const scopes = await selectScopes(options);
  const interrupt = new AbortController();
  const ignoreInterrupts = terminal.onInterrupt(() => interrupt.abort());
  const spinner = await spinnerOn(terminal, 'comparing');
  try {
    const { depth = null, time = null, runs = RUNS, seed = DEFAULTS.seed } = options;
    const report = await diff(
      {
        names,
        selections,
        scopes,
        alphabet: triedCalls,
        generate: generateCall,
        depth,
        pairs: depth === null && time === null ? PAIRS : null,
        timeLimit: time,
        seed,
        runs: Math.ceil(runs / scopes.length),
        steps: DEFAULTS.steps,
      },
      {
        signal: interrupt.signal,
        onProgress: (progress) => {
          if (spinner !== null) spinner.text = progressText(progress);
        },
      },
    );
    spinner?.stop();
    if (options.json) printJson(terminal, 'diff', diffReportToJson(report));
    else terminal.stdout.write(`${renderDiff(report, paintFor(terminal))}\n`);
    return ENDS[report.verdict];
  } finally {
    spinner?.stop();
    ignoreInterrupts();
  }
}

function progressText({ scope, depth, worlds, runs }: DiffProgress): string {
  const random = runs === 0 ? '' : `, ${runs} random runs`;
  return `${scope}: depth ${depth}, ${worlds.toLocaleString('en-US')} pairs of worlds${random}`;
}
