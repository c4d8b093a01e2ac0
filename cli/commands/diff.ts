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
  readonly time?: number;
  readonly json?: true;
}

const TIME_LIMIT = 30_000;

/** Random runs in a scope where the search has found nothing. */
const RUNS = 500;

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
    .option('--time <duration>', 'how long to look, in all (default: 30s)', duration)
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
    const { steps, seed } = DEFAULTS;
    const report = await diff(
      {
        names,
        selections,
        scopes,
        alphabet: triedCalls,
        generate: generateCall,
        depth: options.depth ?? null,
        timeLimit: options.time ?? TIME_LIMIT,
        seed,
        runs: RUNS,
        steps,
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
